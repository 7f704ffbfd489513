"""Asks the gate's one brain: every question of the scan API is a job of the lane, as any other.

A job that has begun is never given up, even if whoever asked has hung up: what was recorded stays
recorded, and a repeated confirmation is answered with it.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from edge.gate.api.problems import Refusal, cannot_record, is_busy
from edge.gate.api.teller import Teller
from edge.gate.desk import GateDesk
from edge.headless import BadCommand, Command
from edge.health import health
from edge.lane import LaneFull, LaneStopped
from edge.limits import API_ANSWER_MS_MAX
from edge.terminal import SOFTWARE, Terminal
from edge.uplink import Uplink
from sync.telling import Answer

T = TypeVar("T")
_CLOSED: Final = "The gate is closed: an agent must sign in at it first."


class Brain:
    """What the scan API can have a gate do; from the API's loop only."""

    def __init__(
        self,
        terminal: Terminal,
        uplink: Uplink,
        desk: GateDesk,
        teller: Teller,
        answer_ms_max: int = API_ANSWER_MS_MAX,
    ) -> None:
        """Ask this desk, and let the teller hear each verdict that counts."""
        self._terminal = terminal
        self._uplink = uplink
        self._desk = desk
        self._teller = teller
        self._answer_s = answer_ms_max / 1000
        self.waiting = 0

    async def scan(self, what: str, command: Command) -> Answer:
        """Do a command of the desk, if somebody works at the gate; `Refusal` says why not."""

        def job() -> Answer:
            if not self._desk.staff.is_open():
                raise Refusal(403, _CLOSED)
            with self._desk.elsewhere():
                answer = self._desk.commands()[what](command)
            if _is_news(what, answer):
                self._teller.tell(answer)
            return answer

        return await self._ask(job)

    async def look(self, command: Command) -> Answer:
        """Return rows of the gate's log, whether or not somebody works at it."""
        return await self._ask(lambda: self._desk.commands()["log"](command))

    async def status(self) -> Answer:
        """Return how the gate is: what its own status line shows; times in ms, the disk in MiB."""
        return await self._ask(self._status)

    def _status(self) -> Answer:
        manifest = self._terminal.manifest
        return {
            "event": "status",
            "name": manifest.name,
            "festival": manifest.festival_name,
            "terminal": manifest.terminal,
            "software": SOFTWARE,
            **{name: value for name, value in self._health().items() if name != "line"},
            "counters": self._desk.counters(),
        }

    def _health(self) -> Answer:
        return health(self._terminal, self._uplink)

    async def _ask(self, job: Callable[[], T]) -> T:
        """Do a job in the lane and return its result, or raise the `Refusal` that it ended with.

        A job that raises stops the lane, so what is no failure of the box comes back as a value.
        """

        def safe() -> T | Refusal:
            try:
                return job()
            except Refusal as refusal:
                return refusal
            except BadCommand as trouble:
                return Refusal(400, str(trouble))

        try:
            asked = asyncio.wrap_future(self._terminal.lane.ask(safe, wait_s=0))
        except LaneFull:
            raise is_busy() from None
        except LaneStopped:
            raise cannot_record() from None
        self.waiting += 1
        try:
            # Unlike `wait_for`, this never cancels the job: the lane would stumble over that.
            await asyncio.wait({asked}, timeout=self._answer_s)
        finally:
            self.waiting -= 1
        if not asked.done():
            raise is_busy()
        if asked.exception() is not None:
            raise cannot_record()
        result = asked.result()
        if isinstance(result, Refusal):
            raise result
        return result


def _is_news(what: str, answer: Answer) -> bool:
    """Tell whether an answer is a new verdict: no repeat, and no first step that let nobody in."""
    if answer["event"] != "verdict" or answer.get("again"):
        return False
    return what != "request" or answer["verdict"] != "admit"
