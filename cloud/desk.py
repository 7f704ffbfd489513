"""What the office's routes share: its folder, its writer, its keys, its doorway to time."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from aiohttp import web

from cloud.access.opening import SeenKeys
from cloud.festivals.sight import at_its_gate, sight_of
from cloud.office import Office
from cloud.settings import AdminKey, OfficeFolder
from cloud.store.database import database_of
from cloud.store.look import Look, look
from cloud.terminals.queries import is_placed
from cloud.writer import OfficeWriter
from provisioning.request_signing import NonceMint, receiver_id_of
from sync.body import Body
from sync.keys import PublicKey, SecretKey

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """The office as its routes see it; also what enrolment asks for."""

    folder: OfficeFolder
    writer: OfficeWriter
    admin_key: AdminKey
    mint: NonceMint
    now_ms: Callable[[], int]
    seen_keys: SeenKeys = field(default_factory=SeenKeys)

    @property
    def festival(self) -> int:
        """The festival's number."""
        return self.folder.festival

    @property
    def festival_key(self) -> PublicKey:
        """The festival's public key."""
        return self.folder.festival_key

    @property
    def key(self) -> SecretKey:
        """The key with which this office certifies and signs its answers."""
        return self.folder.key

    @property
    def certificate(self) -> bytes:
        """The office's certificate, signed by the festival key."""
        return self.folder.certificate

    @property
    def receiver_id(self) -> bytes:
        """The id under which requests to this office are signed."""
        return receiver_id_of(self.folder.key.public)

    @property
    def path(self) -> Path:
        """The office's folder."""
        return self.folder.path

    def now_s(self) -> int:
        """Return Unix time in whole seconds."""
        return self.now_ms() // 1_000

    def manifest_settings(self) -> Mapping[str, object]:
        """Return what every terminal of the festival is told."""
        return self.folder.manifest_settings()

    def is_recovering(self) -> bool:
        """Tell whether the office was put back to an older copy and states nothing yet."""
        with look(self.path, self.folder.festival) as seen:
            return seen.recovery.since_ms > 0

    async def say(self, *bodies: Body) -> None:
        """State facts, all or none; return when they are on the disk."""
        await self.writer.do(lambda office: office.say(*bodies))

    async def take_in(self, terminal: bytes, *bodies: Body) -> None:
        """State a new terminal, unless it was stated already; return when it is on the disk.

        It is judged in the transaction: a box that asks again may have come to another process. One
        that enrols at a gate is placed as that gate says now.
        """

        def job(office: Office) -> None:
            if not is_placed(office.cells, terminal):
                sight = sight_of(office)
                office.say(*(at_its_gate(sight, body) for body in bodies))

        await self.writer.do(job)

    async def look(self, see: Callable[[Look], T]) -> T:
        """Look at what was committed, in a thread beside the writer, and return what was seen."""

        def work() -> T:
            with look(self.path, self.folder.festival) as seen:
                return see(seen)

        return await asyncio.to_thread(work)

    def when_changed(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Have `callback` called in this event loop after anybody wrote to the festival.

        With PostgreSQL that may have been another process. Returns what undoes this.
        """
        loop = asyncio.get_running_loop()

        def call() -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile, so nobody waits
                loop.call_soon_threadsafe(callback)

        return database_of(self.path).when_changed(self.folder.festival, call)


DESK: Final = web.AppKey("desk", Desk)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
