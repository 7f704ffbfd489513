"""The accounts of the house in this process: their store, their keys, and who works with them.

What is done with accounts lies beside this file, one file for each matter, as functions that are
handed this. Chance and the time are drawn before a job begins, so that a job may be done twice.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from cloud.accounts.access import OrganiserId, UserId
from cloud.accounts.access_tokens import AccessTokens
from cloud.accounts.house_key import HouseKey, open_house_key
from cloud.accounts.passwords import Passwords
from cloud.accounts.personal import Personal
from cloud.accounts.secret_texts import ID_BYTES, mark_of
from cloud.accounts.troubles import Trouble
from cloud.store.accounts import AccountsStore, Books, has_accounts, open_accounts
from cloud.writer import Writer
from provisioning.keys import BadKeyFile

T = TypeVar("T")
LOG: Final = logging.getLogger("guichet.office.accounts")
"""Lines name people and things by their ids only."""


class NotDone(Exception):
    """A job that has written something found that it cannot be done; raised inside it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


class Marks:
    """Makes the keyed digests that may be kept of secrets; it never prints its key."""

    def __init__(self, house_key: HouseKey) -> None:
        """Take the key for this purpose from the house's."""
        self._key = house_key.derive("marks of secrets")

    def of(self, purpose: str, *parts: bytes) -> bytes:
        """Return the digest (32 bytes) of these parts for a purpose."""
        return mark_of(self._key, purpose, *parts)

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "Marks()"


@dataclass(frozen=True, slots=True)
class Accounts:
    """What everything about accounts is done with; used in one event loop."""

    store: AccountsStore
    writer: Writer[Books]
    personal: Personal
    passwords: Passwords
    tokens: AccessTokens
    marks: Marks
    now_ms: Callable[[], int]
    draw: Callable[[int], bytes]

    def start(self) -> None:
        """Begin to work, in the running event loop."""
        self.writer.start()

    async def stop(self) -> None:
        """Finish what was taken, then close the store."""
        await self.writer.stop()
        self.store.close()

    async def do(self, job: Callable[[Books], T]) -> T:
        """Do a job in a transaction and return its result once that is on the disk.

        Raises `Busy` or `Stopped` if it was not taken, `StoreBroken` if the disk failed.
        """
        return await self.writer.do(job)

    async def do_whole(self, job: Callable[[Books], T]) -> T | Trouble:
        """Do a job that may find only half-way that it cannot be: then nothing of it happens."""
        try:
            return await self.writer.do(job)
        except NotDone as trouble:
            return trouble.trouble

    async def look(self, see: Callable[[Books], T]) -> T:
        """Look at what was committed, in a thread beside the writer, and return what was seen."""
        return await asyncio.to_thread(self.store.look, see)

    def now_s(self) -> int:
        """Return Unix time in whole seconds."""
        return self.now_ms() // 1_000

    def new_user_id(self) -> UserId:
        """Draw an id for a person."""
        return UserId(self.draw(ID_BYTES).hex())

    def new_organiser_id(self) -> OrganiserId:
        """Draw an id for an organiser."""
        return OrganiserId(self.draw(ID_BYTES).hex())


def open_service(
    folder: Path,
    now_ms: Callable[[], int],
    draw: Callable[[int], bytes],
    when_broken: Callable[[], object],
    passwords: Passwords | None = None,
) -> Accounts:
    """Open the accounts of a house's folder, with its key; both are made at the first start.

    `when_broken` is called if the store fails: the process must then end. `BadKeyFile` or
    `StoreTrouble` say what to do if they cannot be opened.
    """
    house_key = house_key_of(folder, draw)
    store = open_accounts(folder, house_key.derive("whose accounts these are"))
    return Accounts(
        store=store,
        writer=Writer(store, when_broken, "accounts-writer"),
        personal=Personal(house_key, draw),
        passwords=passwords or Passwords(draw),
        tokens=AccessTokens(house_key),
        marks=Marks(house_key),
        now_ms=now_ms,
        draw=draw,
    )


def house_key_of(folder: Path, draw: Callable[[int], bytes]) -> HouseKey:
    """Return the house's key; `BadKeyFile` if there are accounts that it is missing for."""
    try:
        return open_house_key(folder, draw, may_make=not has_accounts(folder))
    except BadKeyFile as trouble:
        message = f"{trouble} The accounts in {folder} open only with it."
        raise BadKeyFile(message) from trouble
