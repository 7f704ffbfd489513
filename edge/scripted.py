"""A box without a screen, and the options that a gate and a till are both started with."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from edge.headless import Speaker, serve
from edge.inside import Inside
from edge.line_input import LineInput
from edge.neighbours.lan import AUTO, LISTEN
from edge.outside import Outside, Scan, Tell

OutsideT = TypeVar("OutsideT", bound=Outside)
CommandT = TypeVar("CommandT", bound=Callable[..., object])

_OPTIONS: Final = (
    click.argument(
        "folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
    ),
    click.option("--headless", is_flag=True, help="No screen: commands and answers as JSON lines."),
    click.option(
        "--camera", metavar="SOURCE", help="A device number, pi, a file, a URL or a folder."
    ),
    click.option(
        "--frames-per-second", type=click.IntRange(1, 240), help="Pace a folder or a file."
    ),
    click.option("--keep-all", is_flag=True, help="Show every picture of a folder once."),
    click.option(
        "--hardware",
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="What is wired (example in hardware/DESIGN.md); default: DIR/hardware.toml if there.",
    ),
)
_LAN_OPTIONS: Final = (
    click.option(
        "--neighbours",
        metavar="auto|off|HOST:PORT,…",
        default=AUTO,
        envvar="GUICHET_NEIGHBOURS",
        show_default=True,
        help="Find other boxes on the LAN, none, or these; a list wants --lan on every box.",
    ),
    click.option(
        "--lan",
        metavar="HOST:PORT",
        default=LISTEN,
        show_default=True,
        help="Where neighbours reach this box; port 0 is any that is free.",
    ),
)


def box_options(command: CommandT) -> CommandT:
    """Give a command the folder, and every option whose name is a field of `Options`."""
    for option in reversed((*_OPTIONS, *_LAN_OPTIONS)):
        command = option(command)
    return command


def lan_options(command: CommandT) -> CommandT:
    """Give a command the options that say how a box meets its neighbours."""
    for option in reversed(_LAN_OPTIONS):
        command = option(command)
    return command


def run_headless(
    connect: Callable[[Scan, Speaker], OutsideT],
    open_inside: Callable[[OutsideT, Tell], Inside],
    speaker: Speaker | None = None,
    source: LineInput | None = None,
) -> int:
    """Run a box that says and takes JSON lines until it is told to stop; return the exit status.

    Another `speaker` and `source` use other words than JSON. `connect` opens the hardware and is
    handed who takes the codes and who says what is told,
    `open_inside` opens the store behind it. What they raise says what is wrong.
    """
    mouth, ears = speaker or Speaker(sys.stdout.buffer), source or LineInput(sys.stdin.fileno())
    boxes: list[Inside] = []
    outside = connect(lambda text: boxes[0].scan(text), mouth)
    try:
        box = open_inside(outside, mouth.say)
        boxes.append(box)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ears.end())
        try:
            box.start()
            for notice in box.terminal.notices:
                click.echo(f"guichet: {notice}", err=True)
            return serve(box.terminal, box.uplink, box.desk, ears, mouth, outside.start, box.work)
        finally:
            outside.close_eyes()
            outside.close()  # first, so that who did not pass a turnstile is still given back
            box.stop()
    finally:
        outside.close()
