"""Carries a box's words to its neighbours and theirs to its lane, within one event loop."""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

import aiohttp

from edge.lane import LaneFull, LaneStopped
from edge.limits import (
    LAN_EXCHANGES_MAX,
    LAN_LOOKED_MS,
    LAN_SETTLED_MS,
    LAN_SILENT_MS_MAX,
    LAN_WAITING_FACTS_MAX,
)
from edge.neighbours.door import Door, Hear
from edge.neighbours.finding import Finder
from edge.neighbours.judging import NEIGHBOUR_ROLES, Refused
from edge.neighbours.lan import Lan, Place
from edge.neighbours.line import CONVERSATION_PATH, NeighbourTrouble
from edge.neighbours.peers import Peer, Peers
from edge.neighbours.rounds import TOLD_MAX, Rounds
from edge.neighbours.talk import NeighbourTalk
from edge.terminal import Terminal
from provisioning.chance import random_bytes
from sync import catalogue
from sync.certificates import Certificate
from sync.conversation import BadMessage, Heard
from sync.facts import Admitted, Left, Moved, NotEntered, Undone, WristbandGiven
from sync.journal import Record
from sync.names import Role, TerminalId

T = TypeVar("T")
_TOLD: Final = (Admitted, Left, Moved, Undone, NotEntered, WristbandGiven)
_TICK_S: Final = 0.2
_GOODBYE_S: Final = 0.01
_GOODBYES: Final = 20
_END_S: Final = 2
_LISTED_AGAIN_MS: Final = 3_000
_OWN_PLACE_AGAIN_MS: Final = 3_600_000
_FAILURES_MAX: Final = 5
GREETED_MAX: Final = 16
_log = logging.getLogger(__name__)


class Carrier:
    """One box on its LAN; everything here happens in one loop."""

    def __init__(self, terminal: Terminal, talk: NeighbourTalk, lan: Lan, port: int) -> None:
        """Carry for this terminal, which listens at a port."""
        self._terminal = terminal
        self._talk = talk
        self._lan = lan
        self._port = port
        self.ending = asyncio.Event()
        self._stirred = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[TerminalId] = set()
        self._zone: int | None = None
        self._looked_ms: int | None = None
        self._settled_ms = terminal.timekeeper.monotonic_ms()
        self._listed_ms: dict[Place, int] = {}
        self.rounds = Rounds(terminal.role, _draw)
        self.peers = Peers(terminal, port)
        hear = {path: self._hear_on(path) for path in (CONVERSATION_PATH, *talk.answers)}
        self._door = Door(terminal, hear, self._met)

    async def run(self, door: socket.socket, when_ready: Callable[[], object]) -> None:
        """Listen, look and carry until `ending` is set."""
        loop = asyncio.get_running_loop()
        terminal = self._terminal

        def recorded(record: Record) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._recorded, record)

        def stirred() -> None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._stirred.set)

        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=LAN_SILENT_MS_MAX / 1000 - 5, use_dns_cache=True
        )
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            self.peers.session = session
            await self._door.open(door)
            terminal.listeners.append(recorded)
            terminal.stirred.append(stirred)
            finder = self._find()
            try:
                when_ready()
                await self._tend()
            finally:
                terminal.listeners.remove(recorded)
                terminal.stirred.remove(stirred)
                await self._end(finder)
        for _ in range(_GOODBYES):  # TLS says goodbye in several turns of the loop
            await asyncio.sleep(_GOODBYE_S)

    async def ask(self, partner: TerminalId, path: str, body: bytes) -> bytes | None:
        """Return what a neighbour answers on a path, None if it does not."""
        try:
            return (await self.peers.ask(partner, path, body)).body
        except NeighbourTrouble as trouble:
            self._failed(partner, trouble)
            return None

    def figures(self) -> dict[str, int]:
        """Return requests and bytes so far, sent and heard, and refusals by reason."""
        refused = {f"refused_{why}": n for why, n in self._door.refusals.counts().items()}
        return {
            "requests_heard": self._door.requests,
            "bytes_heard": self._door.bytes_in,
            **self.peers.figures(),
            **refused,
        }

    # --- tending ---

    def _find(self) -> asyncio.Task[None] | None:
        if not self._lan.finds:
            return None
        finder = Finder(self._terminal, self._port, self.found, self._lost)
        return asyncio.create_task(finder.run())

    async def _tend(self) -> None:
        """Wake when something is new or due, until the end."""
        while not self.ending.is_set() and self._terminal.lane.broken is None:
            now_ms = self._terminal.timekeeper.monotonic_ms()
            self._meet_listed(now_ms)
            try:
                await self._look(now_ms)
            except (LaneStopped, LaneFull) as trouble:
                _log.info("neighbours wait: %s", trouble)
            quiet = self.rounds.quiet(now_ms)
            if quiet is not None:
                self._exchange_with(quiet)
            waits = {
                asyncio.create_task(self._stirred.wait()),
                asyncio.create_task(self.ending.wait()),
            }
            await asyncio.wait(waits, timeout=_TICK_S, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()

    async def _look(self, now_ms: int) -> None:
        """Ask the lane to whom something is new, where gates are, and whom nobody believes."""
        is_due = self._looked_ms is None or now_ms - self._looked_ms >= LAN_LOOKED_MS
        is_stirred = self._stirred.is_set()
        self._stirred.clear()
        view = [one for one in self.rounds.view if one not in self._busy]
        if not view and not is_due:
            self.rounds.told_news(lambda _: False, now_ms)
            return

        def job() -> tuple[set[TerminalId], dict[bytes, int], set[TerminalId], TerminalId | None]:
            cells = self._terminal.store.shelf.cells
            if is_stirred:
                self._talk.note_news()
            fresh = {one for one in view if self._talk.has_news(one)}
            if not is_due:
                return fresh, {}, set(), None
            if now_ms - self._settled_ms >= LAN_SETTLED_MS:
                self._settled_ms = now_ms
                self._talk.settle()
            self._terminal.relay.meet(len(self.peers))
            zones = {gate.terminal: gate.zone for gate in catalogue.gates(cells)}
            bad = {one for one in self.peers.all() if catalogue.is_revoked(cells, one)}
            return fresh, zones, bad, self._talk.centre()

        fresh, zones, bad, centre = await self._in_lane(job)
        if is_due:
            self._looked_ms = now_ms
            self.rounds.centre = centre
            self._zone = zones.get(self._terminal.manifest.terminal_id)
            for one in bad:
                self._drop(one)
            for one, peer in self.peers.all().items():
                self.rounds.meet(one, peer.role, zones.get(one))
        for one in self.rounds.told_news(lambda partner: partner in fresh, now_ms):
            self._exchange_with(one)

    # --- meeting ---

    def _meet_listed(self, now_ms: int) -> None:
        for place in self._lan.listed:
            again_ms = self._listed_ms.get(place, 0)
            if now_ms >= again_ms and not self.peers.is_known(place):
                self._listed_ms[place] = now_ms + _LISTED_AGAIN_MS
                self._do(self._greet(place))

    def found(self, terminal: TerminalId, role: Role, places: list[Place]) -> None:
        """Take where somebody says a terminal is; it must prove it when it is first asked.

        On a small site everybody is asked at once, on a large one whoever comes into the view.
        """
        if terminal == self._terminal.manifest.terminal_id or role not in NEIGHBOUR_ROLES:
            return
        is_new = self.peers.found(terminal, role, places)
        if self.peers.of(terminal) is None:
            return
        self.rounds.meet(terminal, role)
        if is_new:
            self._looked_ms = None
            if len(self.peers) <= GREETED_MAX:
                self._exchange_with(terminal)

    def _lost(self, terminal: TerminalId) -> None:
        """Take that a terminal said goodbye; if it answers all the same it is met again."""
        self.rounds.failed(terminal, self._terminal.timekeeper.monotonic_ms())

    def _met(self, certificate: Certificate, host: str, port: int) -> None:
        """Take that a proved neighbour asked us something, and where it can be asked back."""
        partner = TerminalId(certificate.holder)
        if port and self.peers.of(partner) is None:
            self.found(partner, certificate.role, [(host, port)])
        self.rounds.answered(partner, self._terminal.timekeeper.monotonic_ms())

    async def _greet(self, place: Place) -> None:
        """Learn who listens at a place that was listed."""
        terminal = self._terminal
        try:
            certificate = await self.peers.line_to(place).greet()
        except NeighbourTrouble as trouble:
            if trouble.why is not None:
                self._door.refusals.count(trouble.why)
            return
        if certificate.holder == terminal.manifest.terminal_id:
            self._listed_ms[place] = terminal.timekeeper.monotonic_ms() + _OWN_PLACE_AGAIN_MS
            return
        why = self.peers.believed(certificate)
        if why is not None:
            self._door.refusals.count(why)
            return
        self.found(TerminalId(certificate.holder), certificate.role, [place])

    def _drop(self, partner: TerminalId) -> None:
        self.peers.forget(partner)
        self.rounds.forget(partner)

    def _failed(self, partner: TerminalId, trouble: NeighbourTrouble) -> None:
        self.rounds.failed(partner, self._terminal.timekeeper.monotonic_ms())
        if trouble.why in {Refused.STRANGER, Refused.BAD_SIGNATURE, Refused.EXPIRED}:
            self._door.refusals.count(trouble.why)
        peer = self.peers.of(partner)
        if peer is None:
            return
        peer.failures += 1
        is_away = peer.failures >= _FAILURES_MAX and not self._lan.finds
        is_false = trouble.why is Refused.STRANGER and len(peer.places) <= 1
        if is_false or is_away:  # whoever is there is met anew
            self._drop(partner)

    # --- carrying ---

    def _recorded(self, record: Record) -> None:
        """Tell an admission at once; everything else is news for the view."""
        if not isinstance(record.body, _TOLD):
            self._stirred.set()
            return
        now_ms = self._terminal.timekeeper.monotonic_ms()
        told = self.rounds.told_at_once(self._zone, now_ms)
        if len(told) >= TOLD_MAX:  # there may be more gates than are told
            self._stirred.set()
        for partner in told:
            peer = self.peers.of(partner)
            if peer is not None and len(peer.waiting) < LAN_WAITING_FACTS_MAX:
                peer.waiting.append(record)
                if not peer.is_telling:
                    peer.is_telling = True
                    self._do(self._tell(partner, peer))

    async def _tell(self, partner: TerminalId, peer: Peer) -> None:
        """Bring a neighbour what waits for it, all that came together in one message."""
        try:
            while peer.waiting:
                facts, peer.waiting = peer.waiting, []
                body = await self._in_lane(lambda f=facts: self._talk.tell(partner, f))  # type: ignore[misc]
                await self._carry(partner, peer, body)
        except NeighbourTrouble as trouble:
            peer.waiting.clear()  # the next exchange brings it
            self._failed(partner, trouble)
        finally:
            peer.is_telling = False

    def _exchange_with(self, partner: TerminalId) -> None:
        peer = self.peers.of(partner)
        if peer is not None and partner not in self._busy:
            self._busy.add(partner)
            self._do(self._exchange(partner, peer))

    async def _exchange(self, partner: TerminalId, peer: Peer) -> None:
        """Exchange with a neighbour until nothing is left to say or to hear."""
        try:
            for _ in range(LAN_EXCHANGES_MAX):
                body = await self._in_lane(lambda: self._talk.say(partner))
                heard = await self._carry(partner, peer, body)
                if not heard.more:
                    return
        except NeighbourTrouble as trouble:
            self._failed(partner, trouble)
        finally:
            self._busy.discard(partner)

    async def _carry(self, partner: TerminalId, peer: Peer, body: bytes) -> Heard:
        answer = await self.peers.ask(partner, CONVERSATION_PATH, body)
        heard = await self._in_lane(
            lambda: self._talk.hear(partner, answer.body, answer.asked_ms, answer.answered_ms)
        )
        if isinstance(heard, BadMessage):
            message = f"the neighbour's answer means nothing here: {heard}"
            raise NeighbourTrouble(message)
        peer.failures = 0
        self.rounds.answered(partner, self._terminal.timekeeper.monotonic_ms())
        return heard

    def _hear_on(self, path: str) -> Hear:
        """Return what takes the messages of a path."""

        async def hear(certificate: Certificate, content: bytes) -> bytes | Refused:
            partner = TerminalId(certificate.holder)

            def job() -> bytes | Refused:
                if catalogue.is_revoked(self._terminal.store.shelf.cells, partner):
                    return Refused.REVOKED
                if path != CONVERSATION_PATH:
                    return self._talk.answers[path](partner, content) or Refused.NO_MESSAGE
                answer = self._talk.answer(partner, content)
                return Refused.NO_MESSAGE if isinstance(answer, BadMessage) else answer

            try:
                return await self._in_lane(job)
            except (LaneFull, LaneStopped):
                return Refused.TOO_MANY

        return hear

    async def _in_lane(self, job: Callable[[], T]) -> T:
        """Do a job in the lane; it is never cancelled, the lane would stumble over that."""
        done = asyncio.wrap_future(self._terminal.lane.ask(job, wait_s=0))
        await asyncio.wait({done})
        return done.result()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        trouble = None if task.cancelled() else task.exception()
        if trouble is not None and not isinstance(trouble, LaneFull | LaneStopped):
            _log.error("neighbours: %s", trouble, exc_info=trouble)

    async def _end(self, finder: asyncio.Task[None] | None) -> None:
        tasks = set(self._tasks) if finder is None else {finder, *self._tasks}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_END_S)
        await self._door.close()


def _draw(below: int) -> int:
    """Return a whole number from 0 up to, not including, `below`."""
    return int.from_bytes(random_bytes(8), "big") % max(1, below)
