"""`./guichet gate`: a gate on its screen, or driven by JSON lines."""

import signal
import sys
from pathlib import Path
from typing import Final

import click

from edge.eyes import Eyes
from edge.gate.box import GateBox
from edge.gate.outside import GateOptions, GateOutside
from edge.headless import Speaker, serve
from edge.line_input import LineInput
from edge.screen.on_terminal import Screen, run_on_terminal

LOG_FILE: Final = "gate.log"
_FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)
_GATE_EXAMPLE: Final = (
    "\b\nExample: ./guichet gate gate-1 --camera 0\n"
    "         ./guichet gate gate-1 --headless --camera 0\n"
    '  {"id": 1, "do": "scan", "text": "GU1:…", "direction": "in"}\n'
    '  {"id": 2, "do": "status"}\n'
    '  {"id": 3, "do": "stop"}'
)


@click.command("gate", epilog=_GATE_EXAMPLE)
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--headless", is_flag=True, help="No screen: commands and answers as JSON lines.")
@click.option("--camera", metavar="SOURCE", help="A device number, pi, a file, a URL or a folder.")
@click.option("--frames-per-second", type=click.IntRange(1, 240), help="Pace a folder or a file.")
@click.option("--keep-all", is_flag=True, help="Show every picture of a folder once.")
@click.option(
    "--direction",
    type=click.Choice(["in", "out", "automatic"]),
    default="in",
    show_default=True,
    help="automatic needs a turnstile whose contacts tell it.",
)
@click.option(
    "--two-step/--one-step",
    "two_step",
    default=None,
    help="Confirm every scan, or none; default: as the organiser's policy says.",
)
@click.option(
    "--hardware",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What is wired (example in hardware/DESIGN.md); default: DIR/hardware.toml if there.",
)
@click.option("--api", metavar="HOST:PORT", help="Open the scan API; make a key with gate-key.")
@click.option("--api-opens", is_flag=True, help="What the API admits opens this turnstile too.")
@click.option(
    "--api-on-lan",
    is_flag=True,
    help="Let --api listen beyond this machine; nothing is encrypted there.",
)
def gate(
    folder: Path,
    headless: bool,  # noqa: FBT001
    camera: str | None,
    frames_per_second: int | None,
    keep_all: bool,  # noqa: FBT001
    direction: str,
    two_step: bool | None,  # noqa: FBT001
    hardware: Path | None,
    api: str | None,
    api_on_lan: bool,  # noqa: FBT001
    api_opens: bool,  # noqa: FBT001
) -> int:
    """Run the gate whose provisioned folder is DIR, on this terminal's full screen.

    With --headless what the camera sees is judged, recorded and said as JSON lines, and commands
    come as JSON lines: scan, request, typed, peek, confirm, override, undo, wristband, not_entered,
    sign_in, sign_out, supervisor, clock, log, counters, rehearse, status, hashes, check, stop.
    """
    options = GateOptions(
        folder=folder,
        camera=camera,
        frames_per_second=frames_per_second,
        keep_all=keep_all,
        direction=direction,
        two_step=two_step,
        hardware=hardware,
        api=api,
        api_on_lan=api_on_lan,
        api_opens=api_opens,
    )
    if headless:
        return run_headless(options)
    return run_screen(options)


def run_headless(options: GateOptions) -> int:
    """Run a gate that says and takes JSON lines until it is told to stop."""
    speaker = Speaker(sys.stdout.buffer)
    boxes: list[GateBox] = []
    eyes = Eyes(_nothing, lambda hint: speaker.say({"event": "hint", "hint": hint.value}))
    outside = GateOutside(options, lambda text: boxes[0].scan(text), speaker.say, eyes.look)
    try:
        box = GateBox(options, outside.wiring, options.intent, speaker.say, needs_staff=False)
        boxes.append(box)
        for notice in box.terminal.notices:
            click.echo(f"guichet: {notice}", err=True)
        source = LineInput(sys.stdin.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: source.end())
        try:
            box.start()
            return serve(box.terminal, box.uplink, box.desk, source, speaker, outside.start)
        finally:
            outside.close_eyes()
            outside.close()  # first, so that who did not pass the turnstile is still given back
            box.stop()
    finally:
        outside.close()


def run_screen(options: GateOptions) -> int:
    """Run a gate on this terminal's full screen until somebody stops it."""
    return run_on_terminal(lambda: _screen(options), options.folder / LOG_FILE)


def _screen(options: GateOptions) -> Screen:
    from edge.gate.screen.app import GateScreen

    return GateScreen(options)


def _nothing(_: object) -> None:
    """What a gate without a screen does with a picture."""
