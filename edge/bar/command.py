"""`./guichet bar`: a till on its screen, or driven by JSON lines."""

from typing import Any, Final

import click

from edge.bar.box import BarBox
from edge.bar.outside import BarOptions, BarOutside
from edge.screen.on_terminal import Screen, run_on_terminal
from edge.scripted import box_options, run_headless

LOG_FILE: Final = "till.log"
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
@box_options
def bar(headless: bool, **started: Any) -> int:  # noqa: FBT001
    """Run the till whose provisioned folder is DIR, on this terminal's full screen.

    With --headless commands come as JSON lines: sell, void, refund, top_up, pay_out, balance,
    voucher, block, link, claim, guest_pin, renew_cap, stock, offer, grid, keep, kept, open_shift,
    close_shift, report, history, print, sign_in, sign_out, last, exposure, status, hashes, check,
    stop. What a camera, scanner or NFC reader sees is said as lines. Money is in minor units.
    """
    options = BarOptions(**started)
    if headless:
        return run_headless(
            lambda scan, speaker: BarOutside(options, scan, speaker.say),
            lambda outside, tell: BarBox(
                options.folder,
                tell,
                outside.wiring.printer,
                needs_staff=False,
                needs_shift=False,
                lan=options.lan_wanted(),
            ),
        )
    return run_on_terminal(lambda: _screen(options), options.folder.joinpath(LOG_FILE))


def _screen(options: BarOptions) -> Screen:
    from edge.bar.screen.app import BarScreen

    return BarScreen(options)
