"""Every festival of this office process: opened when it starts or is made, under one roof.

A festival stays what it was alone: a folder, an office with its own writer, a desk, an application
with its doors for terminals and its page. The house finds it by its number, and the number's owner
in the register of accounts. The folder's own festival, if it has one, also answers at the root, as
it did when there was only one.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web

from cloud.accounts.access import Kind, OrganiserId, Principal, Scope
from cloud.accounts.organisers import adopt_festival
from cloud.accounts.service import Accounts
from cloud.api.problems import Problem
from cloud.clock_and_chance import boot_id, moment, now_ms, now_s, random_bytes
from cloud.desk import Desk
from cloud.festivals.rows import BadStatement
from cloud.festivals.service import state
from cloud.limits import FESTIVALS_OF_ORGANISER_MAX, FESTIVALS_OPEN_MAX, NEW_FESTIVALS_EVERY_S
from cloud.office import Job, Office
from cloud.settings import (
    ADDRESS_FILE,
    FESTIVAL_FILE,
    BadOffice,
    OfficeFolder,
    Settings,
    first_rows,
    make_office,
    open_office,
    read_admin_key,
)
from cloud.store.connection import StoreTrouble
from cloud.store.enrolment_codes import EnrolmentCodes
from cloud.terminals.service import Enrolment
from cloud.verifier import Verifier
from cloud.writer import OfficeWriter
from provisioning.files import sync_folder, write_private
from provisioning.request_signing import NonceMint

LOG: Final = logging.getLogger("guichet.office")
FESTIVALS_FOLDER: Final = "festivals"
ADMIN_KEY_ID: Final = "admin-key"
_BEARER: Final = "Bearer "
_MINT_LABEL: Final = b"guichet-office-nonces-v1\0"
_FULL: Final = f"{FESTIVALS_OPEN_MAX} festivals are open already: use another house."
_TOO_MANY: Final = (
    f"You have {FESTIVALS_OF_ORGANISER_MAX} festivals, deleted ones too: no more are made."
)


class Register(Protocol):
    """What the house asks of the accounts."""

    def organiser_of(self, festival: int) -> OrganiserId | None:
        """Return whose festival this is, None if there is none (any more)."""

    async def who_asks(self, request: web.Request) -> Principal | Problem | None:
        """Return who shows what credential, None if none is shown, a problem if it is not good."""

    async def check(self) -> None:
        """Read something; `StoreTrouble` if the accounts cannot be read."""

    async def owner_of_deleted(self, festival: int) -> OrganiserId | None:
        """Return whose festival this was that is deleted now, None if no such one is."""

    async def new_festival(self, organiser: OrganiserId, name: str) -> int:
        """Give an organiser a new festival, and return the number under which it is known."""

    async def rename_festival(self, festival: int, name: str) -> None:
        """Keep another name of a festival."""

    async def set_deleted(self, festival: int, *, is_deleted: bool) -> None:
        """Take a festival away for everybody who asks, or bring it back."""

    def festivals(self) -> Collection[int]:
        """Return the number of every festival that is there."""

    async def look_again(self) -> None:
        """Hear of what other processes have changed."""

    def check_page(self, request: web.Request) -> None:
        """Refuse what another site's page would have a signed-in browser do; raises `Problem`."""


@dataclass(frozen=True, slots=True)
class OpenFestival:
    """One festival at work in this process."""

    office: Office
    desk: Desk
    enrolment: Enrolment


class House:
    """The festivals of one folder, by their numbers."""

    def __init__(
        self,
        path: Path,
        register: Register,
        when_broken: Callable[[], object],
        verifier: Verifier | None = None,
    ) -> None:
        """Stand in a folder; `when_broken` is called if a store fails: the process must end.

        `verifier` checks signatures beside the writers of all festivals.
        """
        self._verifier = verifier
        self.path = path
        self.register = register
        self._when_broken = when_broken
        self._open: dict[int, OpenFestival] = {}
        self._opening = asyncio.Lock()
        self._founding = asyncio.Lock()
        self._own: Desk | None = None
        self._told: dict[int, str] = {}
        self.when_opened: Callable[[OpenFestival], Awaitable[object]] = _ignore
        self._url = ""

    @property
    def festivals(self) -> dict[int, OpenFestival]:
        """The festivals that are open, by number."""
        return dict(self._open)

    def desk(self, festival: int) -> Desk | None:
        """Return a festival's desk, None if it is not open here."""
        found = self._open.get(festival)
        return None if found is None else found.desk

    def organiser_of(self, festival: int) -> OrganiserId | None:
        """Return whose festival this is, None if there is none."""
        return self.register.organiser_of(festival)

    @property
    def own_desk(self) -> Desk | None:
        """The desk of the festival whose folder is the house's own; each request asks for it."""
        return self._own

    async def who_asks(self, request: web.Request) -> Principal | Problem | None:
        """Return who shows what credential, None if none is shown, a problem if it is not good.

        Whoever has the admin key of the house's own festival may do everything there.
        """
        own = self.own_desk
        if own is not None and own.admin_key.opens(_bearer(request)):
            scopes = frozenset(Scope) - {Scope.ACCOUNTS_READ, Scope.ACCOUNTS_WRITE}
            festivals = frozenset({own.festival})
            owner = self.organiser_of(own.festival)
            return Principal(Kind.KEY, ADMIN_KEY_ID, None, owner, festivals, scopes)
        return await self.register.who_asks(request)

    def folder_of(self, festival: int) -> Path:
        """Return where a festival's folder lies."""
        is_own = self._own is not None and self._own.festival == festival
        return self.path if is_own else self.path / FESTIVALS_FOLDER / str(festival)

    async def open(self, folder: Path) -> OpenFestival:
        """Open a festival's folder and begin its work; `BadOffice` or `StoreTrouble` if not."""
        async with self._opening:
            there = next((one for one in self._open.values() if one.desk.path == folder), None)
            if there is not None:
                return there
            if len(self._open) >= FESTIVALS_OPEN_MAX:
                raise BadOffice(_FULL)
            one = await asyncio.to_thread(self._make, folder)
            await self.when_opened(one)
            self._open[one.desk.festival] = one
            if folder == self.path:
                self._own = one.desk
            await one.desk.writer.do(_begin)
            if self._url:
                self._tell_address(one)
            return one

    async def keep_up(self) -> None:
        """Open what other processes of this house have made meanwhile, again and again."""
        while True:
            await asyncio.sleep(NEW_FESTIVALS_EVERY_S)
            await self.open_new()

    async def open_new(self) -> None:
        """Open each festival that another process made, once its folder is here.

        One that cannot be opened is told of once, is tried again, and keeps no other one closed.
        """
        try:
            await self.register.look_again()
        except StoreTrouble as trouble:
            LOG.warning("the accounts cannot be read", extra={"row": {"why": str(trouble)}})
        for number in sorted(set(self.register.festivals()) - set(self._open)):
            folder = self.folder_of(number)
            try:
                if (folder / FESTIVAL_FILE).exists():
                    await self.open(folder)
            except (StoreTrouble, BadOffice, OSError) as trouble:
                self._tell_trouble(number, str(trouble))

    def _tell_trouble(self, festival: int, why: str) -> None:
        if self._told.get(festival) != why:
            self._told[festival] = why
            row = {"festival": festival, "why": why}
            LOG.warning("a festival cannot be opened", extra={"row": row})

    def tell_address(self, url: str) -> None:
        """Write into each festival's folder where it answers, for commands beside this process."""
        self._url = url
        write_private(self.path / ADDRESS_FILE, f"{url}\n".encode())
        for one in self._open.values():
            self._tell_address(one)

    def _tell_address(self, one: OpenFestival) -> None:
        if one.desk.path != self.path:
            url = f"{self._url}/{FESTIVALS_FOLDER}/{one.desk.festival}"
            write_private(one.desk.path / ADDRESS_FILE, f"{url}\n".encode())

    def forget_address(self) -> None:
        """Take back what was written: nobody answers any more."""
        (self.path / ADDRESS_FILE).unlink(missing_ok=True)
        for one in self._open.values():
            (one.desk.path / ADDRESS_FILE).unlink(missing_ok=True)

    async def found(self, organiser: OrganiserId, settings: Settings, first: Job) -> int:
        """Make a festival of an organiser, open it, and return its number.

        `settings` lack the number, the key and the certificate. `first` is done in the festival's
        first transaction, after its issuing key and the end of its days were stated. The folder
        is made under another name and only renamed when all of it is there. `BadOffice` or
        `StoreTrouble` if it cannot be: then there is no festival, and its number is spent, unless
        its folder was made and only the opening failed: then the next start opens it.
        """
        async with self._founding:  # otherwise each of many at once would find room
            if len(self._open) >= FESTIVALS_OPEN_MAX:
                raise BadOffice(_FULL)
            if await self._count_of(organiser) >= FESTIVALS_OF_ORGANISER_MAX:
                raise BadOffice(_TOO_MANY)
            number = await self.register.new_festival(organiser, settings.name)
            folder = self.path / FESTIVALS_FOLDER / str(number)
            new = replace(settings, festival=number)
            try:
                await asyncio.to_thread(self._found, folder, new, first)
            except OSError as trouble:
                message = (
                    f"the folder of a new festival cannot be made ({trouble}): look at the disk"
                )
                raise StoreTrouble(message) from trouble
            await self.open(folder)
            return number

    async def _count_of(self, organiser: OrganiserId) -> int:
        """Return how many festivals an organiser has at work here, deleted ones too."""
        register = self.register
        owners = [
            register.organiser_of(number) or await register.owner_of_deleted(number)
            for number in self.festivals
        ]
        return owners.count(organiser)

    def close(self) -> None:
        """Let go of every store, after the writers have ended."""
        for one in self._open.values():
            one.office.close()
        self._open.clear()

    def _found(self, folder: Path, settings: Settings, first: Job) -> None:
        new = folder.with_name(f".new-{folder.name}")
        _, issuing = make_office(new, settings, random_bytes)
        rows = first_rows(settings, issuing)
        office = self._make(new).office
        try:
            office.transact([lambda office: _state_first(office, rows), first])
        finally:
            office.close()
        new.rename(folder)
        sync_folder(folder.parent)

    def _make(self, folder: Path) -> OpenFestival:
        opened = open_office(folder)
        admin_key = read_admin_key(folder)
        office = Office(opened, moment, random_bytes, boot_id(), self._verifier)
        writer = OfficeWriter(office, self._when_broken)
        desk = Desk(opened, writer, admin_key, mint_of(opened), now_ms)
        codes = EnrolmentCodes(opened.path, opened.festival)
        return OpenFestival(office, desk, Enrolment(codes, desk, now_s))


def mint_of(folder: OfficeFolder) -> NonceMint:
    """Return what gives this office's nonces: every process of it takes those of the others."""
    return NonceMint(folder.key.secret_for(_MINT_LABEL))


def own_festival(path: Path) -> OfficeFolder | None:
    """Return the festival whose folder is the house's own, None if it has none of its own."""
    return open_office(path) if (path / FESTIVAL_FILE).exists() else None


async def open_festivals(house: House, accounts: Accounts) -> None:
    """Open every festival of the index, and first the house's own, which may be new to it.

    A number without a folder was spent on a festival that could not be made to its end.
    """
    own = await asyncio.to_thread(own_festival, house.path)
    if own is not None:
        await adopt_festival(accounts, own.festival, own.settings.name)
        await house.open(house.path)
    for number in await accounts.look(lambda books: books.festivals.numbers()):
        folder = house.folder_of(number)
        if not (folder / FESTIVAL_FILE).exists():  # it was not made to the end
            LOG.warning("a festival has no folder", extra={"row": {"festival": number}})
        elif house.desk(number) is None:
            await house.open(folder)


def _bearer(request: web.Request) -> str:
    shown = request.headers.get("Authorization", "")
    return shown.removeprefix(_BEARER) if shown.startswith(_BEARER) else ""


async def _ignore(_: OpenFestival) -> None:
    return


def _state_first(office: Office, rows: list[dict[str, object]]) -> None:
    result = state(office, rows)
    if isinstance(result, BadStatement):
        raise result


def _begin(office: Office) -> None:
    """Open this process's run and lend what gates lack, before anybody is answered."""
    office.say()
    office.lend()


HOUSE: Final = web.AppKey("house", House)
