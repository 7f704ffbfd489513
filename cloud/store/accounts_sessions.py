"""Who is signed in, with which session, and how often somebody tried in vain.

A session keeps no secret: what its owner shows is a keyed digest over its ids, its number and its
salt, made with a key of the house. So the row alone opens nothing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cloud.accounts.access import OrganiserId, UserId
from cloud.store.sql import Connection


class SessionKind(StrEnum):
    """What a session is for: pages in a browser, or a program."""

    PAGE = "page"
    API = "api"


class TryKind(StrEnum):
    """What tries are counted by."""

    ACCOUNT = "account"
    ADDRESS = "address"
    REGISTERING = "registering"


@dataclass(frozen=True, slots=True)
class Session:
    """One time that somebody signed in; `organiser` is empty for guests and superadmins.

    `number` counts its refreshes, `attempt` is what the last one was called. Times are Unix ms.
    """

    user: UserId
    session: str
    kind: SessionKind
    organiser: str
    number: int
    salt: bytes
    attempt: bytes
    made_ms: int
    renewed_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Tries:
    """How many tries count, when the last was, and until when some were forgiven (Unix ms)."""

    count: int
    last_ms: int
    eased_ms: int


_COLUMNS: Final = (
    "person, session, kind, organiser, number, salt, attempt, made_ms, renewed_ms, ends_ms"
)


class SessionsBook:
    """Everybody's sessions; it writes inside transactions only."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def add(self, session: Session, count_max: int) -> None:
        """Keep a new session; the user's ended ones go, and the oldest beyond so many."""
        row = (
            session.user, session.session, session.kind.value, session.organiser, session.number,
            session.salt, session.attempt, session.made_ms, session.renewed_ms, session.ends_ms,
        )  # fmt: skip
        self._connection.execute(
            "DELETE FROM account_session WHERE person = ? AND ends_ms <= ?",
            (session.user, session.made_ms),
        )
        for old in self.of_user(session.user)[count_max - 1 :]:
            self.remove(old.user, old.session)
        self._connection.execute(
            f"INSERT INTO account_session ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - named here
            row,
        )

    def find(self, user: UserId, session: str) -> Session | None:
        """Return a session by its ids, ended ones too."""
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM account_session WHERE person = ? AND session = ?",  # noqa: S608 - named here
            (user, session),
        ).fetchone()
        return None if row is None else _session(row)

    def of_user(self, user: UserId) -> list[Session]:
        """Return a person's sessions, the one that was used last first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM account_session WHERE person = ?"  # noqa: S608 - named here
            " ORDER BY renewed_ms DESC, session",
            (user,),
        )
        return [_session(row) for row in rows]

    def renew(self, before: Session, after: Session) -> bool:
        """Move a session on by one refresh; False if somebody else did so, or ended it, before."""
        now = (after.number, after.salt, after.attempt, after.renewed_ms, after.ends_ms)
        changed = self._connection.execute(
            "UPDATE account_session SET number = ?, salt = ?, attempt = ?, renewed_ms = ?,"
            " ends_ms = ? WHERE person = ? AND session = ? AND number = ?",
            (*now, before.user, before.session, before.number),
        )
        return changed.rowcount == 1

    def remove(self, user: UserId, session: str) -> bool:
        """End a session; False if it had ended."""
        removed = self._connection.execute(
            "DELETE FROM account_session WHERE person = ? AND session = ?", (user, session)
        )
        return removed.rowcount == 1

    def remove_others(self, user: UserId, session: str) -> None:
        """End all sessions of a person but this one; all, if it is empty."""
        self._connection.execute(
            "DELETE FROM account_session WHERE person = ? AND session <> ?", (user, session)
        )

    def remove_of_member(self, organiser: OrganiserId, user: UserId) -> None:
        """End the sessions in which a person works for an organiser."""
        self._connection.execute(
            "DELETE FROM account_session WHERE person = ? AND organiser = ?", (user, organiser)
        )


class TriesBook:
    """How often it was tried to sign in, without a rest; it writes inside transactions only."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def find(self, kind: TryKind, mark: bytes) -> Tries | None:
        """Return what is known of one's tries."""
        row = self._connection.execute(
            "SELECT tries, last_ms, eased_ms FROM sign_in_try WHERE kind = ? AND mark = ?",
            (kind.value, mark),
        ).fetchone()
        return None if row is None else Tries(*row)

    def put(self, kind: TryKind, mark: bytes, tries: Tries) -> None:
        """Keep what is known of one's tries."""
        self._connection.execute(
            "INSERT INTO sign_in_try (kind, mark, tries, last_ms, eased_ms) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (kind, mark) DO UPDATE SET tries = excluded.tries,"
            " last_ms = excluded.last_ms, eased_ms = excluded.eased_ms",
            (kind.value, mark, tries.count, tries.last_ms, tries.eased_ms),
        )

    def forget(self, kind: TryKind, mark: bytes) -> None:
        """Forget the tries of one."""
        self._connection.execute(
            "DELETE FROM sign_in_try WHERE kind = ? AND mark = ?", (kind.value, mark)
        )

    def forget_before(self, before_ms: int) -> None:
        """Forget the tries whose last is older than this (Unix ms)."""
        self._connection.execute("DELETE FROM sign_in_try WHERE last_ms < ?", (before_ms,))


class SuperadminLinks:
    """The one link that makes whoever opens it the superadmin; a new one ends the one before."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def put(self, mark: bytes, ends_ms: int) -> None:
        """Keep the mark of a new link that ends at this time (Unix ms)."""
        self._connection.execute(
            "INSERT INTO superadmin_link (link, mark, ends_ms) VALUES (1, ?, ?)"
            " ON CONFLICT (link) DO UPDATE SET mark = excluded.mark, ends_ms = excluded.ends_ms",
            (mark, ends_ms),
        )

    def read(self, now_ms: int) -> bytes | None:
        """Return the mark of the link that can be used now, None if there is none."""
        row = self._connection.execute(
            "SELECT mark FROM superadmin_link WHERE ends_ms > ?", (now_ms,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def take(self, mark: bytes) -> bool:
        """Use the link up; False if somebody else did so before."""
        taken = self._connection.execute("DELETE FROM superadmin_link WHERE mark = ?", (mark,))
        return taken.rowcount == 1


def _session(row: Any) -> Session:
    user, session, kind, *rest = row
    return Session(UserId(user), session, SessionKind(kind), *rest)
