"""An office process that a test starts: it does one thing and says so in lines of JSON.

`python -m tests.cloud.store.worker FOLDER what …`; each line on stdin lets it go on.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from cloud.clock_and_chance import moment, random_bytes
from cloud.office import Office
from cloud.settings import open_office
from cloud.store.database import database_of
from sync.facts import ZoneSet

BATCH = 20


def tell(**row: Any) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def take(office: Office, path: Path) -> None:
    """Take records from a file, some in each transaction, and say something of its own between."""
    raws = [bytes.fromhex(line) for line in path.read_text().split()]
    sys.stdin.readline()
    for at in range(0, len(raws), BATCH):
        part = raws[at : at + BATCH]

        def job(office: Office, part: list[bytes] = part) -> None:
            office.store.replica.take(part)
            office.say(ZoneSet(3, 1 + office.store.shelf.arrived, "Zone", None))

        office.transact([job])
    tell(done=len(raws))


def hang(office: Office) -> None:
    """Say much in a transaction that never ends."""

    def job(office: Office) -> None:
        office.say(*(ZoneSet(number, 9, "half done", None) for number in range(1, 30)))
        office.store.shelf.write_changes()
        rows = office.store.connection.execute("SELECT count(*) FROM record").fetchone()
        tell(inside=rows[0])
        sys.stdin.readline()

    office.transact([job])


def listen(office: Office) -> None:
    """Tell whenever anybody has written, until stdin ends."""
    changed = threading.Event()
    database_of(office.folder.path).when_changed(office.folder.festival, changed.set)
    database_of(office.folder.path).life()
    changed.clear()
    tell(listening=True)
    changed.wait(20)
    tell(heard=changed.is_set())


def main(folder: str, what: str, *rest: str) -> None:
    office = Office(open_office(Path(folder)), moment, random_bytes)
    tell(open=True)
    match what:
        case "take":
            take(office, Path(*rest))
        case "hang":
            hang(office)
        case "listen":
            listen(office)
    office.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
