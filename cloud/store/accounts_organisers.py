"""Organisers, whose festivals are whose, who works for whom, and who was invited."""

import json
from dataclasses import dataclass
from typing import Any, Final

from cloud.accounts.access import OrganiserId, Role, UserId
from cloud.store.sql import Connection
from sync.limits import U32_MAX

Festivals = frozenset[int] | None
"""Numbers of festivals; None for all of the organiser's."""


@dataclass(frozen=True, slots=True)
class Organiser:
    """One tenant; `suspended_ms` is 0 if it may work."""

    organiser: OrganiserId
    name: str
    made_ms: int
    suspended_ms: int


@dataclass(frozen=True, slots=True)
class IndexedFestival:
    """One festival's line in the index; `deleted_ms` is 0 if it is there."""

    festival: int
    organiser: OrganiserId
    name: str
    made_ms: int
    deleted_ms: int


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's role for an organiser."""

    organiser: OrganiserId
    user: UserId
    role: Role
    festivals: Festivals
    made_ms: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """One place that is offered to whoever brings the secret of this mark."""

    organiser: OrganiserId
    invitation: str
    mark: bytes
    role: Role
    festivals: Festivals
    made_by: str
    made_ms: int
    ends_ms: int


_FESTIVAL: Final = "festival, organiser, name, made_ms, deleted_ms"
_MEMBERSHIP: Final = "organiser, person, role, festivals, made_ms"
_INVITATION: Final = "organiser, invitation, mark, role, festivals, made_by, made_ms, ends_ms"


class OrganisersBook:
    """Every organiser of this house; it writes inside transactions only."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def add(self, organiser: Organiser) -> None:
        """Keep a new organiser."""
        self._connection.execute(
            "INSERT INTO organiser VALUES (?, ?, ?, ?, 0)",
            (organiser.organiser, organiser.name, organiser.made_ms, organiser.suspended_ms),
        )

    def find(self, organiser: OrganiserId) -> Organiser | None:
        """Return an organiser by id."""
        row = self._connection.execute(
            "SELECT organiser, name, made_ms, suspended_ms FROM organiser WHERE organiser = ?",
            (organiser,),
        ).fetchone()
        return None if row is None else Organiser(*row)

    def list(self, after: str, count_max: int) -> list[Organiser]:
        """Return so many organisers whose ids come after this one, in order."""
        rows = self._connection.execute(
            "SELECT organiser, name, made_ms, suspended_ms FROM organiser WHERE organiser > ?"
            " ORDER BY organiser LIMIT ?",
            (after, count_max),
        )
        return [Organiser(*row) for row in rows]

    def set_suspended(self, organiser: OrganiserId, suspended_ms: int) -> None:
        """Stop an organiser since this time (Unix ms), or let it work again with 0."""
        self._connection.execute(
            "UPDATE organiser SET suspended_ms = ? WHERE organiser = ?", (suspended_ms, organiser)
        )

    def hold(self, organiser: OrganiserId) -> None:
        """Keep other transactions off this organiser's members until this one ends.

        Whoever counts organisers before taking one away must not count beside somebody who does
        the same. SQLite has one writer anyway; elsewhere the changed row is locked.
        """
        self._connection.execute(
            "UPDATE organiser SET changes = changes + 1 WHERE organiser = ?", (organiser,)
        )


class FestivalIndex:
    """Which festival is whose; numbers are unique in the house and never given out again."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def add(self, organiser: OrganiserId, name: str, now_ms: int) -> int:
        """Give an organiser a new festival under the next free number, and return the number."""
        while True:
            number = self._next_number()
            if self.add_as(IndexedFestival(number, organiser, name, now_ms, 0)):
                return number

    def add_as(self, entry: IndexedFestival) -> bool:
        """Keep a festival under a number that it has already; False if the number is taken."""
        added = self._connection.execute(
            f"INSERT INTO festival_index ({_FESTIVAL}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - named here
            " ON CONFLICT DO NOTHING",
            (entry.festival, entry.organiser, entry.name, entry.made_ms, entry.deleted_ms),
        )
        return added.rowcount == 1

    def find(self, festival: int) -> IndexedFestival | None:
        """Return a festival's line, deleted ones too."""
        row = self._connection.execute(
            f"SELECT {_FESTIVAL} FROM festival_index WHERE festival = ?",  # noqa: S608 - named here
            (festival,),
        ).fetchone()
        return None if row is None else IndexedFestival(*row)

    def of(self, organiser: OrganiserId) -> list[IndexedFestival]:
        """Return an organiser's festivals by number, without deleted ones."""
        rows = self._connection.execute(
            f"SELECT {_FESTIVAL} FROM festival_index WHERE organiser = ? AND deleted_ms = 0"  # noqa: S608 - named here
            " ORDER BY festival",
            (organiser,),
        )
        return [IndexedFestival(*row) for row in rows]

    def numbers(self) -> list[int]:
        """Return every festival's number, deleted ones too: their terminals still come."""
        rows = self._connection.execute("SELECT festival FROM festival_index ORDER BY festival")
        return [number for (number,) in rows]

    def owners(self) -> dict[int, OrganiserId]:
        """Return whose each festival is, without deleted ones."""
        rows = self._connection.execute(
            "SELECT festival, organiser FROM festival_index WHERE deleted_ms = 0"
        )
        return {number: OrganiserId(organiser) for number, organiser in rows}

    def rename(self, festival: int, name: str) -> None:
        """Keep another name."""
        self._connection.execute(
            "UPDATE festival_index SET name = ? WHERE festival = ?", (name, festival)
        )

    def set_deleted(self, festival: int, deleted_ms: int) -> None:
        """Take a festival away since this time (Unix ms), or bring it back with 0."""
        self._connection.execute(
            "UPDATE festival_index SET deleted_ms = ? WHERE festival = ?", (deleted_ms, festival)
        )

    def _next_number(self) -> int:
        """Return one above the highest, or the lowest free one if that is the last there is."""
        (highest,) = self._connection.execute("SELECT max(festival) FROM festival_index").fetchone()
        if highest is None or highest < U32_MAX:
            return (highest or 0) + 1
        if self.find(1) is None:
            return 1
        (below,) = self._connection.execute(
            "SELECT min(one.festival) FROM festival_index one WHERE NOT EXISTS"
            " (SELECT 1 FROM festival_index next WHERE next.festival = one.festival + 1)"
        ).fetchone()
        return int(below) + 1


class MembersBook:
    """Who works for which organiser, and who was invited; it writes inside transactions only."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection

    def put(self, member: Membership) -> None:
        """Keep a person's role for an organiser, new or changed."""
        festivals = spell_festivals(member.festivals)
        self._connection.execute(
            f"INSERT INTO membership ({_MEMBERSHIP}) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - named here
            " ON CONFLICT (organiser, person) DO UPDATE SET role = excluded.role,"
            " festivals = excluded.festivals",
            (member.organiser, member.user, member.role.value, festivals, member.made_ms),
        )

    def find(self, organiser: OrganiserId, user: UserId) -> Membership | None:
        """Return a person's role for an organiser."""
        found = self._some("organiser = ? AND person = ?", organiser, user)
        return found[0] if found else None

    def of_organiser(self, organiser: OrganiserId) -> list[Membership]:
        """Return who works for an organiser, the longest first."""
        return self._some("organiser = ?", organiser)

    def of_user(self, user: UserId) -> list[Membership]:
        """Return for whom a person works, the longest first."""
        return self._some("person = ?", user)

    def remove(self, organiser: OrganiserId, user: UserId) -> None:
        """Take a person's role away."""
        self._connection.execute(
            "DELETE FROM membership WHERE organiser = ? AND person = ?", (organiser, user)
        )

    def rulers(self, organiser: OrganiserId) -> set[UserId]:
        """Return the people who rule all of an organiser's, and can sign in."""
        rows = self._connection.execute(
            "SELECT membership.person FROM membership JOIN account"
            " ON account.person = membership.person WHERE organiser = ? AND role = ?"
            " AND festivals IS NULL AND disabled_ms = 0 AND erased_ms = 0",
            (organiser, Role.ORGANISER.value),
        )
        return {UserId(user) for (user,) in rows}

    def invite(self, invitation: Invitation) -> None:
        """Keep an invitation, and forget this organiser's expired ones."""
        self._connection.execute(
            "DELETE FROM invitation WHERE organiser = ? AND ends_ms <= ?",
            (invitation.organiser, invitation.made_ms),
        )
        row = (
            invitation.organiser, invitation.invitation, invitation.mark, invitation.role.value,
            spell_festivals(invitation.festivals), invitation.made_by, invitation.made_ms,
            invitation.ends_ms,
        )  # fmt: skip
        self._connection.execute(
            f"INSERT INTO invitation ({_INVITATION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - named here
            row,
        )

    def invitation(self, organiser: OrganiserId, name: str) -> Invitation | None:
        """Return an invitation by its id."""
        row = self._connection.execute(
            f"SELECT {_INVITATION} FROM invitation WHERE organiser = ? AND invitation = ?",  # noqa: S608 - named here
            (organiser, name),
        ).fetchone()
        return None if row is None else _invitation(row)

    def invitations(self, organiser: OrganiserId, now_ms: int) -> list[Invitation]:
        """Return an organiser's invitations that can still be accepted, the oldest first."""
        rows = self._connection.execute(
            f"SELECT {_INVITATION} FROM invitation WHERE organiser = ? AND ends_ms > ?"  # noqa: S608 - named here
            " ORDER BY made_ms, invitation",
            (organiser, now_ms),
        )
        return [_invitation(row) for row in rows]

    def take_invitation(self, organiser: OrganiserId, name: str) -> bool:
        """Use or revoke an invitation; False if somebody else did so before."""
        taken = self._connection.execute(
            "DELETE FROM invitation WHERE organiser = ? AND invitation = ?", (organiser, name)
        )
        return taken.rowcount == 1

    def _some(self, where: str, *values: str) -> list[Membership]:
        rows = self._connection.execute(
            f"SELECT {_MEMBERSHIP} FROM membership WHERE {where}"  # noqa: S608 - named here
            " ORDER BY made_ms, organiser, person",
            values,
        )
        return [_membership(row) for row in rows]


def spell_festivals(festivals: Festivals) -> str | None:
    """Return a list of festivals as it is kept: JSON, ascending; None for all."""
    return None if festivals is None else json.dumps(sorted(festivals))


def read_festivals(kept: str | None) -> Festivals:
    """Return a list of festivals from what is kept of it."""
    return None if kept is None else frozenset(json.loads(kept))


def _membership(row: Any) -> Membership:
    organiser, user, role, festivals, made_ms = row
    whose = (OrganiserId(organiser), UserId(user))
    return Membership(*whose, Role(role), read_festivals(festivals), made_ms)


def _invitation(row: Any) -> Invitation:
    organiser, name, mark, role, festivals, *rest = row
    who = (OrganiserId(organiser), name, mark)
    return Invitation(*who, Role(role), read_festivals(festivals), *rest)
