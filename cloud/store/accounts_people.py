"""People who have an account: what is kept of each, sealed, and which is behind an e-mail address.

Names, addresses and password digests are sealed with a key for each person, and that key with the
house's. Erasing somebody takes the key away; a row with the id stays, because others name the id.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from cloud.accounts.access import UserId
from cloud.store.sql import Connection

_COLUMNS: Final = (
    "person, email_mark, sealed_key, sealed_profile, sealed_password, language, is_superadmin,"
    " made_ms, disabled_ms, erased_ms"
)


@dataclass(frozen=True, slots=True)
class Person:
    """One row; the sealed fields are None for who was erased. Times are Unix ms, 0 for never."""

    user: UserId
    email_mark: bytes | None
    sealed_key: bytes | None
    sealed_profile: bytes | None
    sealed_password: bytes | None
    language: str
    is_superadmin: bool
    made_ms: int
    disabled_ms: int = 0
    erased_ms: int = 0

    @property
    def is_active(self) -> bool:
        """Tell whether this person may sign in."""
        return not self.disabled_ms and not self.erased_ms


class PeopleBook:
    """Everybody who has an account in this house; it writes inside transactions only."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def add(self, person: Person) -> bool:
        """Keep a new person; False if the e-mail address has an account already."""
        row = (
            person.user, person.email_mark, person.sealed_key, person.sealed_profile,
            person.sealed_password, person.language, int(person.is_superadmin), person.made_ms,
            person.disabled_ms, person.erased_ms,
        )  # fmt: skip
        added = self._connection.execute(
            f"INSERT INTO account ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - named here
            " ON CONFLICT DO NOTHING",
            row,
        )
        return added.rowcount == 1

    def find(self, user: UserId) -> Person | None:
        """Return a person by id."""
        return self._one("person = ?", user)

    def find_by_email(self, email_mark: bytes) -> Person | None:
        """Return who has the e-mail address with this mark."""
        return self._one("email_mark = ?", email_mark)

    def set_profile(self, person: Person) -> None:
        """Keep what is sealed of a person, and the language."""
        self._connection.execute(
            "UPDATE account SET sealed_profile = ?, sealed_password = ?, language = ?"
            " WHERE person = ?",
            (person.sealed_profile, person.sealed_password, person.language, person.user),
        )

    def change_password(self, person: Person, sealed_password: bytes) -> bool:
        """Keep another password's digest; False if somebody changed it meanwhile."""
        changed = self._connection.execute(
            "UPDATE account SET sealed_password = ? WHERE person = ? AND sealed_password = ?",
            (sealed_password, person.user, person.sealed_password),
        )
        return changed.rowcount == 1

    def make_superadmin(self, user: UserId) -> None:
        """Let a person run the house."""
        self._connection.execute("UPDATE account SET is_superadmin = 1 WHERE person = ?", (user,))

    def has_superadmin(self) -> bool:
        """Tell whether anybody who can sign in runs the house."""
        found = self._connection.execute(
            "SELECT 1 FROM account WHERE is_superadmin = 1 AND disabled_ms = 0 AND erased_ms = 0"
            " LIMIT 1"
        )
        return found.fetchone() is not None

    def set_disabled(self, user: UserId, disabled_ms: int) -> None:
        """Shut a person out since this time (Unix ms), or let them in again with 0."""
        self._connection.execute(
            "UPDATE account SET disabled_ms = ? WHERE person = ?", (disabled_ms, user)
        )

    def erase(self, user: UserId, now_ms: int) -> None:
        """Take away everything that says who a person was, with the key that opened it."""
        self._connection.execute(
            "UPDATE account SET email_mark = NULL, sealed_key = NULL, sealed_profile = NULL,"
            " sealed_password = NULL, is_superadmin = 0, erased_ms = ? WHERE person = ?",
            (now_ms, user),
        )

    def _one(self, where: str, value: Any) -> Person | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM account WHERE {where}",  # noqa: S608 - named here
            (value,),
        ).fetchone()
        return None if row is None else _person(row)


def _person(row: Any) -> Person:
    found = Person(*row)
    return replace(found, user=UserId(found.user), is_superadmin=bool(found.is_superadmin))
