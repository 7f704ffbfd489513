"""`./guichet gate`: a gate on its screen, or driven by JSON lines."""

from typing import Any, Final

import click

from edge.eyes import Eyes
from edge.gate.box import GateBox
from edge.gate.outside import GateOptions, GateOutside
from edge.headless import Speaker
from edge.outside import Scan
from edge.screen.on_terminal import Screen, run_on_terminal
from edge.scripted import box_options, run_headless

LOG_FILE: Final = "gate.log"
_GATE_EXAMPLE: Final = (
    "\b\nExample: ./guichet gate gate-1 --camera 0\n"
    "         ./guichet gate gate-1 --headless --camera 0\n"
    '  {"id": 1, "do": "scan", "text": "GU1:…", "direction": "in"}\n'
    '  {"id": 2, "do": "status"}\n'
    '  {"id": 3, "do": "stop"}'
)


@click.command("gate", epilog=_GATE_EXAMPLE)
@box_options
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
@click.option("--api", metavar="HOST:PORT", help="Open the scan API; make a key with gate-key.")
@click.option("--api-opens", is_flag=True, help="What the API admits opens this turnstile too.")
@click.option(
    "--api-on-lan",
    is_flag=True,
    help="Let --api listen beyond this machine; nothing is encrypted there.",
)
def gate(headless: bool, **started: Any) -> int:  # noqa: FBT001
    """Run the gate whose provisioned folder is DIR, on this terminal's full screen.

    With --headless what the camera sees is judged, recorded and said as JSON lines, and commands
    come as JSON lines: scan, request, typed, peek, confirm, override, undo, wristband, not_entered,
    sign_in, sign_out, supervisor, clock, log, counters, rehearse, status, hashes, check, stop.
    """
    options = GateOptions(**started)
    if headless:
        return run_headless(
            lambda scan, speaker: _connected(options, scan, speaker),
            lambda outside, tell: GateBox(
                options, outside.wiring, options.intent, tell, needs_staff=False
            ),
        )
    return run_on_terminal(lambda: _screen(options), options.folder / LOG_FILE)


def _connected(options: GateOptions, scan: Scan, speaker: Speaker) -> GateOutside:
    """Open a gate's hardware where nobody sees the picture: only its hints are said."""
    eyes = Eyes(_nothing, lambda hint: speaker.say({"event": "hint", "hint": hint.value}))
    return GateOutside(options, scan, speaker.say, eyes.look)


def _screen(options: GateOptions) -> Screen:
    from edge.gate.screen.app import GateScreen

    return GateScreen(options)


def _nothing(_: object) -> None:
    """What a gate without a screen does with a picture."""
