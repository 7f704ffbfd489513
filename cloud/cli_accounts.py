"""`./guichet cloud superadmin-link`: let somebody run the house, from its machine."""

import json
import threading
from pathlib import Path

import click

from cloud.cli_office import FOLDER
from cloud.clock_and_chance import monotonic_ms, now_ms, random_bytes
from cloud.limits import ADDRESS_WAIT_S
from cloud.settings import BadOffice, is_house
from cloud.speak import ask_running, running_address
from cloud.store.connection import HOUSE_LOCK_FILE, OfficeLock, StoreBusy

_STEP_S = 0.05


@click.command("superadmin-link", epilog="\b\nExample: ./guichet cloud superadmin-link office")
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def superadmin_link(folder: Path, as_json: bool) -> None:  # noqa: FBT001
    """Print a link with which one person comes to run the house DIR; good once, for 24 hours.

    The link that was made before is good no more.
    """
    from cloud.accounts.superadmin import SUPERADMIN_PAGE

    if not is_house(folder):
        message = f"{folder} is no office's folder. Make one: ./guichet cloud init {folder}"
        raise BadOffice(message)
    secret, url = _make(folder)
    link = f"{url}{SUPERADMIN_PAGE}#{secret}"
    if as_json:
        print(json.dumps({"secret": secret, "link": link}))
        return
    print(link)
    if not url:
        print("Put the office's address in front of it once the office runs.")


def _make(folder: Path) -> tuple[str, str]:
    """Return a new secret and where the office answers; empty if none runs.

    On a shared database any process may write, so the one that runs beside it need not be asked.
    """
    from cloud.store.database import database_of

    if database_of(folder).is_shared:
        return _make_alone(folder), running_address(folder) or ""
    until_ms = monotonic_ms() + ADDRESS_WAIT_S * 1_000
    while True:
        try:
            lock = OfficeLock(folder, HOUSE_LOCK_FILE)
        except StoreBusy:
            url = running_address(folder)
            if url is not None:
                return _ask(folder, url), url
            if monotonic_ms() > until_ms:
                raise
            threading.Event().wait(_STEP_S)
        else:
            try:
                return _make_alone(folder), ""
            finally:
                lock.release()


def _make_alone(folder: Path) -> str:
    """Make the link as the only one who writes to the accounts."""
    from cloud.accounts.service import open_service
    from cloud.accounts.superadmin import new_link

    accounts = open_service(folder, now_ms, random_bytes, lambda: None)
    try:
        secret, job = new_link(accounts)
        accounts.store.transact([job])
    finally:
        accounts.store.close()
    return secret.show()


def _ask(folder: Path, url: str) -> str:
    """Have the running office make the link."""
    from cloud.accounts.commands import SUPERADMIN_LINK_PATH, bearer_of
    from cloud.accounts.service import Marks, house_key_of

    bearer = bearer_of(Marks(house_key_of(folder, random_bytes)))
    return str(ask_running(url, SUPERADMIN_LINK_PATH, bearer, {})["secret"])
