"""`./guichet cloud authority`: who lends and links, and moving that to a hub and back."""

import json
from pathlib import Path
from typing import Any

import click

from cloud.cashless import hand_over
from cloud.cli_office import FOLDER
from cloud.settings import open_office
from cloud.speak import speak
from cloud.store.look import look


@click.command(
    "authority",
    epilog="\b\nExample: ./guichet cloud authority office\n"
    "         ./guichet cloud authority office --hand-to 'Hub 1'\n"
    "         ./guichet cloud authority office --take-back",
)
@FOLDER
@click.option("--hand-to", metavar="TERMINAL", help="Let this hub lend: its name or its id in hex.")
@click.option("--take-back", is_flag=True, help="Take it from a hub that is lost and was revoked.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def authority(
    folder: Path,
    hand_to: str | None,
    take_back: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Show who is the authority for wallets, or give it to a hub where there is no internet.

    The authority lends what tills ask for beyond their own room, and links lost wristbands. A hub
    hands it back by itself. Taking it back from one that is lost can cost what that hub lent and
    nobody has heard of: once more, at most, what the office believes to be in each wallet.
    """
    if hand_to is not None and take_back:
        message = "give either --hand-to or --take-back"
        raise click.UsageError(message)
    if take_back:
        speak(folder, [{"kind": "authority", "take_back": True}])
    elif hand_to is not None:
        speak(folder, [{"kind": "authority", "to": hand_to}])
    found = _found(folder)
    if as_json:
        print(json.dumps(found))
    else:
        print(_sentence(found))


def _found(folder: Path) -> dict[str, Any]:
    with look(folder, open_office(folder).festival) as seen:
        return hand_over.told(seen.cells)


def _sentence(found: dict[str, Any]) -> str:
    lost = " It was revoked, so nobody lends: take it back." if found["revoked"] else ""
    who = found["name"] + (f" ({found['holder'][:8]})" if found["holder"] else "")
    return f"The authority for wallets is {who}, by hand-over {found['version']}.{lost}"
