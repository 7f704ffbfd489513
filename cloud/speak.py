"""Lets a command state something: through the office that runs, or as a writer of its own.

Only one process writes to a folder. If the lock is free, the command takes it and is the office for
a moment; if not, it asks the running one on loopback, with the folder's admin key.
"""

import http.client
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from cloud.clock_and_chance import boot_id, moment, monotonic_ms, random_bytes
from cloud.festivals.service import state
from cloud.festivals.statements import BadStatement
from cloud.limits import ADDRESS_WAIT_S, ADMIN_TIMEOUT_S
from cloud.office import Office
from cloud.settings import ADDRESS_FILE, BadOffice, open_office, read_admin_key
from cloud.store.connection import StoreBusy

ADMIN_FACTS_PATH: Final = "/admin/v1/facts"
_STEP_S: Final = 0.05
_OK: Final = 200


class NotStated(Exception):
    """The office did not state it; the message says why."""


def speak(folder: Path, rows: Sequence[object]) -> dict[str, int]:
    """Have the folder's office state what the rows say; return how many facts that were.

    `NotStated`, `BadOffice` or `StoreTrouble` say why nothing was stated.
    """
    opened = open_office(folder)
    until_ms = monotonic_ms() + ADDRESS_WAIT_S * 1_000
    while True:
        try:
            office = Office(opened, moment, random_bytes, boot_id())
        except StoreBusy:
            url = running_address(folder)
            if url is not None:
                return _ask(url, folder, rows)
            if monotonic_ms() > until_ms:
                raise
            threading.Event().wait(_STEP_S)
        else:
            return _state_alone(office, rows)


def _state_alone(office: Office, rows: Sequence[object]) -> dict[str, int]:
    try:
        (result,) = office.transact([lambda office: state(office, rows)])
    except BadStatement as trouble:
        raise NotStated(str(trouble)) from trouble
    finally:
        office.close()
    if isinstance(result, BadStatement):
        raise NotStated(str(result)) from result
    counts: dict[str, int] = result
    return counts


def running_address(folder: Path) -> str | None:
    """Return where the folder's office answers, or None if it has not said so yet."""
    try:
        return (folder / ADDRESS_FILE).read_text().strip() or None
    except OSError:
        return None


def ask_running(url: str, path: str, bearer: str, row: object) -> dict[str, Any]:
    """Ask the office that runs at this address, as this machine's administrator.

    `NotStated` if it refuses, `BadOffice` if it does not answer.
    """
    parts = urlsplit(url)
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    line = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=ADMIN_TIMEOUT_S
    )
    try:
        line.request("POST", parts.path + path, json.dumps(row), headers)
        answer = line.getresponse()
        found: dict[str, Any] = json.loads(answer.read())
    except (OSError, ValueError, http.client.HTTPException) as trouble:
        message = f"the office at {url} does not answer ({trouble}): is it still starting?"
        raise BadOffice(message) from trouble
    finally:
        line.close()
    if answer.status != _OK:
        raise NotStated(str(found.get("title", f"the office said {answer.status}")))
    return found


def _ask(url: str, folder: Path, rows: Sequence[object]) -> dict[str, int]:
    bearer = read_admin_key(folder).text
    found = ask_running(url, ADMIN_FACTS_PATH, bearer, {"facts": list(rows)})
    return {name: int(value) for name, value in found.items()}
