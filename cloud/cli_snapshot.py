"""`./guichet cloud snapshot`: make now what a terminal that joins late will be given."""

import os
import sys
from pathlib import Path
from typing import Final

import click

from cloud.cli_office import FOLDER
from cloud.clock_and_chance import now_ms
from cloud.settings import open_office
from cloud.snapshots.making import JOINING_ROLES, make

_LAST_IN_LINE: Final = 19
_MIB: Final = 1 << 20


@click.command("snapshot", epilog="\b\nExample: ./guichet cloud snapshot office")
@FOLDER
@click.option("--gently", is_flag=True, help="Let everything else on this machine go first.")
def snapshot(folder: Path, gently: bool) -> None:  # noqa: FBT001
    """Make snapshots of the folder DIR, so that a new gate or bar is ready within seconds.

    A running office does so by itself every few minutes once its festival is large. It may go on
    running meanwhile.
    """
    if gently:
        os.nice(_LAST_IN_LINE)
    office = open_office(folder)
    for role in JOINING_ROLES:
        head = make(office, role, now_ms())
        name = role.name.lower()
        if head is None:
            print(f"{name}: none, the store is older than what terminals have read")
            continue
        size = sum(part for _, part in head.parts) / _MIB
        print(f"{name}: {head.cells} cells for {head.facts} facts in {size:.2f} MiB")
    sys.stdout.flush()
