"""`./guichet bar`: a till on its screen, or driven by JSON lines."""

import signal
import sys
from pathlib import Path
from typing import Final

import click

from edge.bar.box import BarBox
from edge.bar.outside import BarOptions, BarOutside
from edge.headless import Speaker, serve
from edge.line_input import LineInput
from edge.screen.on_terminal import Screen, run_on_terminal

LOG_FILE: Final = "till.log"
_FOLDER: Final = click.Path(path_type=Path, exists=True, file_okay=False)
_BAR_EXAMPLE: Final = (
    "\b\nExample: ./guichet bar bar-1 --camera 0\n"
    "         ./guichet bar bar-1 --headless\n"
    '  {"id": 1, "do": "top_up", "operation": "<32 hex>", "wristband": "GU1:…",\n'
    '   "amount_minor": 2000, "method": "card"}\n'
    '  {"id": 2, "do": "sell", "sale": "<32 hex>", "items": [[1, 2]], "wristband": "GU1:…"}\n'
    '  {"id": 3, "do": "void", "sale": "<32 hex>", "lines": [0]}\n'
    '  {"id": 4, "do": "stop"}'
)


@click.command("bar", epilog=_BAR_EXAMPLE)
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--headless", is_flag=True, help="No screen: commands and answers as JSON lines.")
@click.option("--camera", metavar="SOURCE", help="A device number, pi, a file, a URL or a folder.")
@click.option("--frames-per-second", type=click.IntRange(1, 240), help="Pace a folder or a file.")
@click.option("--keep-all", is_flag=True, help="Show every picture of a folder once.")
@click.option(
    "--hardware",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What is wired (example in hardware/DESIGN.md); default: DIR/hardware.toml if there.",
)
def bar(
    folder: Path,
    headless: bool,  # noqa: FBT001
    camera: str | None,
    frames_per_second: int | None,
    keep_all: bool,  # noqa: FBT001
    hardware: Path | None,
) -> int:
    """Run the till whose provisioned folder is DIR, on this terminal's full screen.

    With --headless commands come as JSON lines: sell, void, refund, top_up, pay_out, balance,
    voucher, block, link, claim, guest_pin, renew_cap, stock, offer, grid, keep, kept, open_shift,
    close_shift, report, history, print, sign_in, sign_out, last, exposure, status, hashes, check,
    stop. What a camera, scanner or NFC reader sees is said as lines. Money is in minor units.
    """
    options = BarOptions(
        folder=folder,
        camera=camera,
        frames_per_second=frames_per_second,
        keep_all=keep_all,
        hardware=hardware,
    )
    if headless:
        return run_headless(options)
    return run_on_terminal(lambda: _screen(options), options.folder.joinpath(LOG_FILE))


def run_headless(options: BarOptions) -> int:
    """Run a till that says and takes JSON lines until it is told to stop."""
    speaker = Speaker(sys.stdout.buffer)
    boxes: list[BarBox] = []
    outside = BarOutside(options, lambda text: boxes[0].scan(text), speaker.say)
    try:
        box = BarBox(
            options.folder,
            speaker.say,
            outside.wiring.printer,
            needs_staff=False,
            needs_shift=False,
        )
        boxes.append(box)
        for notice in box.terminal.notices:
            click.echo(f"guichet: {notice}", err=True)
        source = LineInput(sys.stdin.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: source.end())
        try:
            box.start()
            return serve(
                box.terminal, box.uplink, box.desk, source, speaker, outside.start, box.work
            )
        finally:
            outside.close_eyes()
            outside.close()
            box.stop()
    finally:
        outside.close()


def _screen(options: BarOptions) -> Screen:
    from edge.bar.screen.app import BarScreen

    return BarScreen(options)
