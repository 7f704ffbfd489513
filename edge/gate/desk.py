"""What a gate can be told, by scripts, by the screen and by the scan API alike.

A command is a flat object and so is its answer; what is done with a code stands in `scans`. Every
command runs in the lane. `BadCommand` says what was expected, and then nothing has changed.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from edge.gate.ground import JournalGround, Rehearsal
from edge.gate.log import log
from edge.gate.scans import NotPossible, Scans
from edge.headless import Answer, BadCommand, Command, raw_id, text, whole
from edge.limits import LAST_MINUTE_MS, LOG_ROWS_MAX, SCANNED_CHARS_MAX
from edge.staff import NotAllowed, Staff
from edge.terminal import Terminal
from sync import catalogue, history
from sync.admission import Direction
from sync.admission_guards import Place
from sync.clock import SUPERVISOR_UNCERTAINTY_MS
from sync.facts import ClockConfirmed, OverrideReason, Right
from sync.keys import PIN_DIGITS_MAX
from sync.limits import GROUP_GUESTS_MAX, PHYSICAL_MS_MAX, TEXT_CHARS_MAX, U64_MAX
from sync.names import FACT_ID_BYTES, ID_BYTES, FactId
from sync.sentences import LANGUAGES

_PASSING: Final = "admit"


class GateDesk:
    """A gate's commands; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Judge for this terminal; `listeners` hear each verdict in the lane and must be quick."""
        self._terminal = terminal
        self.staff = Staff(terminal, Right.AGENT)
        self.scans = Scans(terminal, self.staff)
        self.listeners: list[Callable[[Answer], object]] = []
        self._is_elsewhere = False
        self._passed_ms: deque[int] = deque()

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        """Return what a gate can be told."""
        return {
            "scan": lambda c: self.scan(text(c, "text", SCANNED_CHARS_MAX), _direction(c)),
            "peek": lambda c: self.scans.peek(text(c, "text", SCANNED_CHARS_MAX), _direction(c)),
            "request": lambda c: self.request(text(c, "text", SCANNED_CHARS_MAX), _direction(c)),
            "typed": lambda c: self._counted(
                self.scans.typed(whole(c, "serial", 0, U64_MAX), _direction(c))
            ),
            "confirm": self._confirm,
            "override": self._override,
            "undo": self._undo,
            "wristband": self._wristband,
            "not_entered": self._not_entered,
            "sign_in": self._sign_in,
            "sign_out": self._sign_out,
            "clock": self._clock,
            "log": self._log,
            "counters": lambda _: self.counters(),
            "rehearse": self._rehearse,
            "supervisor": self._supervisor,
        }

    def greeting(self) -> Answer:
        """Return nothing more: what a gate said before it died is in its journal."""
        return {}

    def scan(self, code: str, direction: Direction) -> Answer:
        """Judge what a camera or scanner read, record the verdict and return it."""
        return self._counted(self.scans.scan(code, direction))

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Mark what is judged within as scanned elsewhere: by a handheld, not before this gate."""
        self._is_elsewhere = True
        try:
            yield
        finally:
            self._is_elsewhere = False

    def counters(self) -> Answer:
        """Return who is inside the gate's zone, what this gate did, and how fast it goes."""
        cells, terminal = self.scans.ground.cells, self._terminal
        mine = terminal.manifest.terminal_id
        place = Place.of(cells, mine)
        zone = catalogue.zone(cells, place.zone)
        done = history.gate_counts(cells).get(mine)
        since_ms = terminal.timekeeper.monotonic_ms() - LAST_MINUTE_MS
        while self._passed_ms and self._passed_ms[0] < since_ms:
            self._passed_ms.popleft()
        return {
            "event": "counters",
            "zone": None if zone is None else zone.name,
            "inside": history.inside_count(cells, place.zone),
            "capacity": None if zone is None else zone.capacity,
            "admitted_here": 0 if done is None else done.admitted,
            "left_here": 0 if done is None else done.left,
            "refused_here": 0 if done is None else sum(done.refused.values()),
            "last_minute": len(self._passed_ms),
            "two_step": bool(catalogue.policy(cells).two_step),
            "rehearsal": self.scans.ground.is_rehearsal,
            "staff": self.staff.label(),
            "staff_needed": not self.staff.is_open(),
        }

    def rehearse(self, *, begin: bool) -> None:
        """Begin a rehearsal, of which nothing is kept, or go back to real work."""
        ground = Rehearsal(self._terminal) if begin else JournalGround(self._terminal)
        self.scans = Scans(self._terminal, self.staff, ground)
        self._passed_ms.clear()

    def request(self, code: str, direction: Direction) -> Answer:
        """First of two steps: judge and wait; what is refused or asked is shown at once."""
        answer = self.scans.request(code, direction)
        return answer if answer["verdict"] == _PASSING else self._counted(answer)

    def _counted(self, answer: Answer) -> Answer:
        """Let everybody hear a verdict that is on the disk, and count who came in."""
        for listener in self.listeners:
            listener(answer | {"elsewhere": self._is_elsewhere})
        if answer["verdict"] == _PASSING and answer["fact"] and answer["direction"] == "in":
            self._passed_ms.append(self._terminal.timekeeper.monotonic_ms())
        return answer

    def _confirm(self, command: Command) -> Answer:
        """Second step: the human's answer; `yes: false` leaves no trace."""
        session = raw_id(command, "session", ID_BYTES)
        if command.get("yes") is False:
            self.scans.dismiss(session)
            return {"event": "done", "fact": None}
        guests = None
        if command.get("guests") is not None:
            guests = whole(command, "guests", 1, GROUP_GUESTS_MAX)
        direction = None if command.get("direction") is None else _direction(command)
        answer = self.scans.confirm(session, direction, guests)
        return answer if answer.get("again") else self._counted(answer)

    def _override(self, command: Command) -> Answer:
        """Let somebody in against the rules, with a supervisor's badge and PIN, and say why."""
        session = raw_id(command, "session", ID_BYTES)
        reason = whole(command, "reason", 1, max(OverrideReason))
        if reason not in set(OverrideReason):
            message = f"reason must be one of {', '.join(str(int(one)) for one in OverrideReason)}"
            raise BadCommand(message)
        badge = self._checked(command, Right.SUPERVISOR)
        with _allowing(self._language(command)):
            return self._counted(self.scans.override(session, badge, OverrideReason(reason)))

    def _undo(self, command: Command) -> Answer:
        """Take back what this gate recorded by mistake, for as long as the policy allows."""
        serial = whole(command, "serial", 0, U64_MAX)
        target = FactId(raw_id(command, "fact", FACT_ID_BYTES))
        with _allowing(self._language(command)):
            return {"event": "done", "fact": self.scans.take_back(serial, target).hex()}

    def _wristband(self, command: Command) -> Answer:
        """Let a wristband stand for the ticket that was just admitted."""
        fact = FactId(raw_id(command, "fact", FACT_ID_BYTES))
        with _allowing(self._language(command)):
            return self.scans.give_wristband(fact, text(command, "text", SCANNED_CHARS_MAX))

    def _not_entered(self, command: Command) -> Answer:
        """Take back guests who did not pass the turnstile."""
        serial = whole(command, "serial", 0, U64_MAX)
        target = FactId(raw_id(command, "fact", FACT_ID_BYTES))
        guests = whole(command, "guests", 1, GROUP_GUESTS_MAX)
        record = self.scans.ground.find(target)
        if record is None or record.terminal != self._terminal.manifest.terminal_id:
            message = "this gate made no such fact"
            raise BadCommand(message)
        self.scans.did_not_pass(serial, target, guests)
        return {"event": "not_entered", "serial": serial, "fact": target.hex(), "guests": guests}

    def _sign_in(self, command: Command) -> Answer:
        shown = self.scans.opened(text(command, "badge", SCANNED_CHARS_MAX))
        with _allowing(self._language(command)):
            label = self.staff.sign_in(shown, text(command, "pin", PIN_DIGITS_MAX))
        return {"event": "signed_in", "staff": label}

    def _sign_out(self, _: Command) -> Answer:
        self.staff.sign_out()
        return {"event": "done"}

    def _clock(self, command: Command) -> Answer:
        """Let a supervisor confirm the time (Unix ms); from then on it is COARSE."""
        time_ms = whole(command, "time_ms", 0, PHYSICAL_MS_MAX)
        badge = self._checked(command, Right.SUPERVISOR)
        terminal = self._terminal
        terminal.timekeeper.confirm(time_ms)
        fact = terminal.record(ClockConfirmed(badge, time_ms, SUPERVISOR_UNCERTAINTY_MS))
        return {"event": "done", "fact": fact.id.hex()}

    def _log(self, command: Command) -> Answer:
        search = text(command, "search", TEXT_CHARS_MAX) if "search" in command else ""
        rows = whole(command, "rows", 1, LOG_ROWS_MAX) if "rows" in command else LOG_ROWS_MAX
        return {"event": "log", "rows": log(self.scans.ground, search, rows)}

    def _rehearse(self, command: Command) -> Answer:
        begin = command.get("begin", True)
        if not isinstance(begin, bool):
            message = "begin must be true or false"
            raise BadCommand(message)
        self.rehearse(begin=begin)
        return {"event": "done", "rehearsal": begin}

    def _language(self, command: Command) -> str:
        """Return the language in which a command wants to hear why it was not taken."""
        asked = command.get("language")
        return asked if asked in LANGUAGES else self._terminal.manifest.language

    def _supervisor(self, command: Command) -> Answer:
        """Check a supervisor's badge and PIN, and do nothing else."""
        return {"event": "done", "badge": self._checked(command, Right.SUPERVISOR)}

    def _checked(self, command: Command, right: Right) -> int:
        """Return the badge whose code and PIN the command carries, if it gives the right."""
        shown = self.scans.opened(text(command, "badge", SCANNED_CHARS_MAX))
        with _allowing(self._language(command)):
            return self.staff.check(shown, text(command, "pin", PIN_DIGITS_MAX), right).badge


@contextmanager
def _allowing(language: str) -> Iterator[None]:
    """Turn what was refused in words into a command that was not taken."""
    try:
        yield
    except (NotAllowed, NotPossible) as trouble:
        raise BadCommand(trouble.sentence(language)) from trouble


def _direction(command: Command) -> Direction:
    try:
        return Direction(command.get("direction", "in"))
    except ValueError:
        message = "direction must be in or out"
        raise BadCommand(message) from None
