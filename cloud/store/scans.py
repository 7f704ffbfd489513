"""The book of online scans: what waits for a human's answer, what was answered, who scanned where.

A session is a row, written in the transaction that judged. So any process of the office can take
the confirmation, an answer is there exactly if what it says is, and a repeat is given the bytes
that were kept. Rows are forgotten some minutes after their session ended.
"""

from dataclasses import dataclass
from typing import Any, Final

from cloud.limits import CELL_BYTES_MAX, SCAN_ANSWER_KEPT_MS, SCANS_EXAMINED_MAX
from cloud.store.sql import Connection
from sync.admission import Direction
from sync.codec import decode, encode
from sync.codes import CodeKind, Ticket, fields_of
from sync.journal import Record, read_record
from sync.names import FestivalId, Role

_PUT: Final = "INSERT INTO scan_session VALUES (?, ?, ?, ?, ?, ?, ?)"
_FORGET: Final = "DELETE FROM scan_session WHERE festival = ? AND ends_ms < ?"
_NOT_ANSWERED: Final = b""
_OF_ONLINE_GATE: Final = (
    "SELECT record.arrival, record.role, record.raw, online_scan.gate, online_scan.principal"
    " FROM online_scan JOIN record ON record.festival = online_scan.festival"
    " AND record.arrival = online_scan.arrival"
    " WHERE online_scan.festival = ? AND online_scan.gate = ? AND online_scan.arrival < ?"
    " ORDER BY online_scan.arrival DESC LIMIT ?"
)
_OF_BOX: Final = (
    "SELECT arrival, role, raw, NULL, NULL FROM record"
    " WHERE festival = ? AND role = 2 AND terminal = ? AND arrival < ?"
    " ORDER BY arrival DESC LIMIT ?"
)
_OF_ALL: Final = (
    "SELECT record.arrival, record.role, record.raw, online_scan.gate, online_scan.principal"
    " FROM record LEFT JOIN online_scan ON online_scan.festival = record.festival"
    " AND online_scan.arrival = record.arrival"
    " WHERE record.festival = ? AND record.arrival < ?"
    " ORDER BY record.arrival DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was shown at which gate: everything of a question that does not change with time."""

    ticket: Ticket
    text_digest: bytes
    gate: bytes
    direction: Direction
    guests: int | None
    is_typed: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A scan that waits for a human, and until when (Unix ms); `answer` is b"" until it has one.

    `reason` is what was asked, "" if nothing was.
    """

    principal: str
    asked: Asked
    reason: str
    ends_ms: int
    answer: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that may be a gate's, its arrival, and for an online scan the gate and by whom."""

    arrival: int
    role: Role
    raw: bytes
    gate: bytes | None
    principal: str | None

    @property
    def record(self) -> Record:
        """The record, read."""
        return read_record(self.raw)


NOTE: Final = "INSERT INTO online_scan (festival, arrival, gate, principal) VALUES (?, ?, ?, ?)"


class ScanBook:
    """One festival's online scans; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: FestivalId | int) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def open_session(self, session: bytes, waiting: Session, now_ms: int) -> None:
        """Let a scan wait, and forget those whose answers nobody asks for any more."""
        self._connection.execute(_FORGET, (self._festival, now_ms - SCAN_ANSWER_KEPT_MS))
        question = encode(_row_of(waiting.asked))
        rest = (waiting.reason, waiting.ends_ms, waiting.answer)
        row = (self._festival, session, waiting.principal, question, *rest)
        self._connection.execute(_PUT, row)

    def session(self, session: bytes, principal: str) -> Session | None:
        """Return a session, None if there is none or it is somebody else's."""
        row = self._connection.execute(
            "SELECT principal, question, asked, ends_ms, answer FROM scan_session"
            " WHERE festival = ? AND session = ? AND principal = ?",
            (self._festival, session, principal),
        ).fetchone()
        if row is None:
            return None
        asked = _asked_of(decode(bytes(row[1]), CELL_BYTES_MAX))
        return Session(row[0], asked, row[2], int(row[3]), bytes(row[4]))

    def answer(self, session: bytes, answer: bytes) -> None:
        """Keep what a session was answered: it is given again to whoever asks again."""
        self._connection.execute(
            "UPDATE scan_session SET answer = ? WHERE festival = ? AND session = ?",
            (answer, self._festival, session),
        )

    def row_of_note(self, arrival: int, gate: bytes, principal: str) -> tuple[object, ...]:
        """Return the row of `NOTE`: at which online gate, and by whom, a record was made."""
        return (self._festival, arrival, gate, principal)

    def examine(
        self, before: int, gate: bytes | None = None, *, online: bool = False
    ) -> list[Kept]:
        """Return what arrived before a number, the newest first: of one gate, or of everybody.

        At most `SCANS_EXAMINED_MAX`; of everybody there are records among them that are no scans.
        """
        if gate is None:
            values: tuple[Any, ...] = (self._festival, before, SCANS_EXAMINED_MAX)
            rows = self._connection.execute(_OF_ALL, values)
        else:
            values = (self._festival, gate, before, SCANS_EXAMINED_MAX)
            rows = self._connection.execute(_OF_ONLINE_GATE if online else _OF_BOX, values)
        return [
            Kept(
                int(arrival),
                Role(role),
                bytes(raw),
                None if where is None else bytes(where),
                principal,
            )
            for arrival, role, raw, where, principal in rows
        ]

    def find(self, fact: bytes) -> Record | None:
        """Return a record by its id, whoever made it."""
        row = self._connection.execute(
            "SELECT raw FROM record WHERE festival = ? AND id = ?", (self._festival, fact)
        ).fetchone()
        return None if row is None else read_record(bytes(row[0]))

    def made_online(self, fact: bytes) -> tuple[Record, bytes] | None:
        """Return what was recorded at an online gate under this fact id, and the gate's id."""
        row = self._connection.execute(
            "SELECT record.raw, online_scan.gate FROM record JOIN online_scan"
            " ON online_scan.festival = record.festival AND online_scan.arrival = record.arrival"
            " WHERE record.festival = ? AND record.id = ?",
            (self._festival, fact),
        ).fetchone()
        return None if row is None else (read_record(bytes(row[0])), bytes(row[1]))


def is_answered(waiting: Session) -> bool:
    """Tell whether a session has its answer."""
    return waiting.answer != _NOT_ANSWERED


def _row_of(asked: Asked) -> list[Any]:
    way = str(asked.direction.value)
    return [
        fields_of(asked.ticket),
        asked.text_digest,
        asked.gate,
        way,
        asked.guests,
        asked.is_typed,
    ]


def _asked_of(row: Any) -> Asked:
    shown, text_digest, gate, way, guests, is_typed = row
    ticket = Ticket(CodeKind(shown[0]), *shown[1:])
    return Asked(ticket, text_digest, gate, Direction(way), guests, is_typed)
