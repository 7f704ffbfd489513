"""What follows a verdict that is on the disk: lamp, sound, turnstile, and who did not pass it.

It listens to the desk, in the lane, so nothing lights up or opens before the commit, whoever asked:
camera, script, screen or scan API. A turnstile that was opened in vain gives the admission back.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from edge.gate.desk import GateDesk
from edge.lane import LaneFull, LaneStopped
from edge.terminal import Terminal
from hardware.ports import Signal, SignalOutput, Turnstile, Way
from sync.admission import Direction
from sync.names import FactId
from sync.telling import Answer

_INBOX_S: Final = 5
_SIGNALS: Final = {"admit": Signal.ADMIT, "ask": Signal.ASK, "refuse": Signal.REFUSE}


class Passage:
    """Leads verdicts to the hardware of one gate."""

    def __init__(
        self,
        terminal: Terminal,
        desk: GateDesk,
        signals: Sequence[SignalOutput],
        turnstile: Turnstile | None,
        tell: Callable[[Answer], object],
        *,
        follows_handhelds: bool = False,
    ) -> None:
        """Show verdicts on these signals, open this turnstile, and tell what did not happen.

        What handhelds scan lights and opens something here only with `follows_handhelds`: their
        guests stand somewhere else.
        """
        self._follows_handhelds = follows_handhelds
        self._terminal = terminal
        self._desk = desk
        self._signals = signals
        self._turnstile = turnstile
        self._tell = tell

    def hear(self, answer: Answer) -> None:
        """Act on a verdict; in the lane, after its commit. A rehearsal moves nothing."""
        if answer.get("elsewhere") and not self._follows_handhelds:
            return
        self.signal(_SIGNALS[answer["verdict"]])
        is_open = answer["verdict"] == "admit" and answer["fact"] and not answer["rehearsal"]
        if self._turnstile is not None and is_open:
            self._open(self._turnstile, answer)

    def signal(self, signal: Signal) -> None:
        """Show one signal everywhere."""
        for output in self._signals:
            output.show(signal)

    def wish(self) -> Direction | None:
        """Return which way somebody stands at the turnstile, None if nobody or nothing tells."""
        way = None if self._turnstile is None else self._turnstile.wish
        return None if way is None else Direction(way.value)

    def troubles(self) -> list[str]:
        """Return what is wrong with lamp, sound or turnstile, a sentence each."""
        ports = (*self._signals, *(() if self._turnstile is None else (self._turnstile,)))
        return [port.trouble for port in ports if port.trouble]

    def _open(self, turnstile: Turnstile, answer: Answer) -> None:
        guests: int = answer.get("guests") or 1
        serial: int = answer["serial"]
        target = FactId(bytes.fromhex(answer["fact"]))

        def when_done(passed: int) -> None:
            if passed < guests:
                self._give_back(serial, target, guests - passed)

        turnstile.open(Way(answer["direction"]), guests, when_done)

    def _give_back(self, serial: int, target: FactId, guests: int) -> None:
        """Have it recorded that so many did not pass; the turnstile's thread does not wait."""

        def job() -> Answer:
            self._desk.scans.did_not_pass(serial, target, guests)
            return {
                "event": "not_entered",
                "serial": serial,
                "fact": target.hex(),
                "guests": guests,
            }

        try:
            future = self._terminal.lane.ask(job, wait_s=_INBOX_S)
        except (LaneStopped, LaneFull):
            return  # the admission stands: the box ends, and says why itself
        future.add_done_callback(self._told)

    def _told(self, future: "Future[Answer]") -> None:
        if future.exception() is None:
            self._tell(future.result())
