"""`./guichet cloud restored` and `recovery`: an office that was put back to a copy."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from cloud.cli_office import FOLDER
from cloud.dashboard.queries import recovery as recovery_of
from cloud.festivals.service import RESTORED
from cloud.settings import open_office, zone_of
from cloud.speak import speak
from cloud.store.look import look


@click.command("restored", epilog="\b\nExample: ./guichet cloud restored office")
@FOLDER
def restored(folder: Path) -> None:
    """Say that the office in DIR was put back from a backup, before it says anything else.

    It then lends and states nothing until it has heard every gate and bar to its end, from whom it
    gets back what it had forgotten. It would notice by itself when the first terminal that has
    read beyond the copy speaks; this makes sure that nothing is said before.
    """
    speak(folder, [{"kind": RESTORED}])
    _tell(_look(folder), folder)


@click.command("recovery", epilog="\b\nExample: ./guichet cloud recovery office --json")
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def recovery(folder: Path, as_json: bool) -> None:  # noqa: FBT001
    """Say whether the office in DIR still waits for terminals after it was put back, and whom."""
    found = _look(folder)
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        _tell(found, folder)


def _look(folder: Path) -> dict[str, Any]:
    opened = open_office(folder)
    with look(folder, opened.festival) as seen:
        return recovery_of(seen)


def _tell(found: dict[str, Any], folder: Path) -> None:
    if not found["recovering"]:
        print("The office knows what its terminals know.")
        return
    zone = zone_of(open_office(folder).settings)
    since = datetime.fromtimestamp(found["recovering_since_ms"] / 1000, UTC).astimezone(zone)
    print(f"The office has been recovering since {since:%Y-%m-%d %H:%M}.")
    print(f"It waits for: {', '.join(found['waits_for']) or 'the first terminal'}.")
    print(f"One that never comes back: ./guichet cloud write-off {folder} --terminal NAME")
