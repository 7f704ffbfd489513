"""`./guichet hub`: a hub that tells in words how it is, or driven by JSON lines."""

import sys
from pathlib import Path
from typing import Final

import click

from edge.hub.box import HubBox
from edge.hub.plain import PlainInput, PlainSpeaker
from edge.outside import Options, Outside
from edge.scripted import lan_options, run_headless
from provisioning import manifest as manifests

_HUB_EXAMPLE: Final = (
    "\b\nExample: ./guichet hub hub-1\n"
    "         ./guichet hub hub-1 --headless\n"
    '  {"id": 1, "do": "authority"}\n'
    '  {"id": 2, "do": "hand_back"}\n'
    '  {"id": 3, "do": "stop"}'
)


@click.command("hub", epilog=_HUB_EXAMPLE)
@click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--headless", is_flag=True, help="Commands and answers as JSON lines.")
@lan_options
def hub(folder: Path, headless: bool, neighbours: str, lan: str) -> int:  # noqa: FBT001
    """Run the hub whose provisioned folder is DIR: a box on the site that holds every journal.

    Where there is no internet the office can make it the authority for wallets
    (./guichet cloud authority --hand-to): then it lends to tills and links wristbands. It says in
    a line every few seconds how it is, and takes words; with --headless commands come as JSON
    lines: authority, hand_back, status, hashes, check, stop.
    """
    options = Options(folder, neighbours=neighbours, lan=lan)
    speaker, source = None, None
    if not headless:
        manifest = manifests.load(folder)
        speaker = PlainSpeaker(sys.stdout.buffer, manifest.language, manifest.time_zone)
        source = PlainInput(sys.stdin.fileno())
    return run_headless(
        lambda scan, said: Outside(options, scan, said.say),
        lambda _, tell: HubBox(
            folder,
            tell,
            options.lan_wanted(),
            needs_staff=not headless,
            reports=not headless,
        ),
        speaker,
        source,
    )
