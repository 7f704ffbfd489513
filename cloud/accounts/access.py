"""Who may do what: roles, scopes, who asks, and the one function that lets in or refuses.

A person has a role, and a role implies scopes by one table. A key or an OAuth client has no role,
only the scopes that it was given. The organiser of who asks comes from the credential and never
from what is asked. Another organiser's festival reads as one that does not exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

OrganiserId = NewType("OrganiserId", str)
"""An organiser (a tenant): 32 random hex characters."""

UserId = NewType("UserId", str)
"""A person with an account: 32 random hex characters."""


class Role(StrEnum):
    """What a person is for an organiser; `SUPERADMIN` and `GUEST` belong to none."""

    SUPERADMIN = "superadmin"
    ORGANISER = "organiser"
    CASHIER = "cashier"
    AGENT = "agent"
    TECHNICIAN = "technician"
    GUEST = "guest"


class Scope(StrEnum):
    """One kind of deed that a route asks for."""

    FESTIVALS_READ = "festivals:read"
    FESTIVALS_WRITE = "festivals:write"
    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    CASHLESS_READ = "cashless:read"
    CASHLESS_WRITE = "cashless:write"
    SCAN_READ = "scan:read"
    SCAN_WRITE = "scan:write"
    TERMINALS_READ = "terminals:read"
    TERMINALS_WRITE = "terminals:write"
    FIGURES_READ = "figures:read"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"


SCOPES_OF: Final[dict[Role, frozenset[Scope]]] = {
    Role.SUPERADMIN: frozenset(Scope),
    Role.ORGANISER: frozenset(Scope),
    Role.CASHIER: frozenset(
        {
            Scope.FESTIVALS_READ,
            Scope.TICKETS_READ,
            Scope.ORDERS_READ,
            Scope.ORDERS_WRITE,
            Scope.CASHLESS_READ,
            Scope.CASHLESS_WRITE,
        }
    ),
    Role.AGENT: frozenset(
        {Scope.FESTIVALS_READ, Scope.TICKETS_READ, Scope.SCAN_READ, Scope.SCAN_WRITE}
    ),
    Role.TECHNICIAN: frozenset(
        {
            Scope.FESTIVALS_READ,
            Scope.SCAN_READ,
            Scope.SCAN_WRITE,
            Scope.TERMINALS_READ,
            Scope.TERMINALS_WRITE,
        }
    ),
    Role.GUEST: frozenset(),
}
"""What a role implies. A guest acts only on what is their own: routes for all who are signed in."""

STAFF: Final = frozenset({Role.ORGANISER, Role.CASHIER, Role.AGENT, Role.TECHNICIAN})
"""Roles that are held for an organiser."""

HOUSE_WIDE: Final = frozenset({Scope.ACCOUNTS_READ, Scope.ACCOUNTS_WRITE, Scope.FESTIVALS_WRITE})
"""Outside a festival these reach over all of an organiser's: who is limited to some has them not.

Otherwise somebody limited to one festival could invite themselves to the others, or make new ones.
"""


class Kind(StrEnum):
    """What shows a credential."""

    PERSON = "person"
    KEY = "key"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, as proved by what was shown; nothing in it is secret, nothing in it is a name.

    `id` is the user's, key's or client's. `role` is None for keys and clients. `organiser` is None
    for superadmins and guests. `festivals` are the numbers that are reached, None for all of the
    organiser's. `session` is empty for keys and clients.
    """

    kind: Kind
    id: str
    role: Role | None
    organiser: OrganiserId | None
    festivals: frozenset[int] | None
    scopes: frozenset[Scope]
    session: str = ""

    @property
    def user(self) -> UserId | None:
        """The person who asks, None for keys and clients."""
        return UserId(self.id) if self.kind is Kind.PERSON else None

    @property
    def is_superadmin(self) -> bool:
        """Tell whether this is whoever runs the house, and no key."""
        return self.kind is Kind.PERSON and self.role is Role.SUPERADMIN

    def reaches(self, organiser: OrganiserId | None, festival: int) -> bool:
        """Tell whether a festival of this organiser (None: there is none) exists for who asks.

        Superadmins reach every one. Guests reach every one too, with no scope on any.
        """
        if organiser is None:
            return False
        if self.organiser is None:
            return self.kind is Kind.PERSON and self.role in {Role.SUPERADMIN, Role.GUEST}
        if self.organiser != organiser:
            return False
        return self.festivals is None or festival in self.festivals


class Door(StrEnum):
    """How a route is closed."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    SCOPED = "scoped"
    SUPERADMIN = "superadmin"


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares: made by the five functions below.

    For `SCOPED` a person needs one of `roles`, and everybody needs `scope`.
    """

    door: Door
    scope: Scope | None = None
    roles: frozenset[Role] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a declaration that nobody could pass, or that says two things."""
        is_scoped = self.door is Door.SCOPED
        if is_scoped != (self.scope is not None) or is_scoped != bool(self.roles):
            message = "a route names a scope and roles if it is scoped, and neither if it is not"
            raise ValueError(message)
        for role in self.roles:
            if self.scope not in SCOPES_OF[role]:
                message = f"the role {role} never has the scope {self.scope}"
                raise ValueError(message)


def public() -> Access:
    """Let everybody in, also without any credential."""
    return Access(Door.PUBLIC)


def signed_in() -> Access:
    """Let in whoever shows a good credential: the route acts only on what is their own."""
    return Access(Door.SIGNED_IN)


def organisers(scope: str) -> Access:
    """Let in organisers, and keys and clients with this scope; `ValueError` if there is no such."""
    return staff(scope, Role.ORGANISER)


def staff(scope: str, *roles: Role) -> Access:
    """Let in people of these roles (or of all that imply the scope), keys and clients with it."""
    needed = Scope(scope)
    named = roles or tuple(role for role in Role if needed in SCOPES_OF[role])
    return Access(Door.SCOPED, needed, frozenset({Role.SUPERADMIN, *named}))


def superadmins() -> Access:
    """Let in whoever runs the house, and nobody else: no key and no client either."""
    return Access(Door.SUPERADMIN)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The door is open for this one; None is anybody, at a public route."""

    principal: Principal | None


class Refusal(StrEnum):
    """Why the door stays shut; the value is the machine's word for it."""

    NOT_SIGNED_IN = "not_signed_in"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"

    @property
    def status(self) -> int:
        """The HTTP status: 401, 403 or 404."""
        return _STATUS[self]

    @property
    def sentence(self) -> str:
        """What is said to whoever asked."""
        return _SENTENCES[self]


_STATUS: Final = {
    Refusal.NOT_SIGNED_IN: 401,
    Refusal.FORBIDDEN: 403,
    Refusal.NOT_FOUND: 404,
}

_SENTENCES: Final = {
    Refusal.NOT_SIGNED_IN: "Sign in first, or show a key.",
    Refusal.FORBIDDEN: "Your role or your key does not allow this.",
    Refusal.NOT_FOUND: "There is nothing here for you.",
}


def decide(
    principal: Principal | None,
    access: Access,
    organiser_of_festival: OrganiserId | None = None,
    festival: int | None = None,
) -> Allowed | Refusal:
    """Let who asks (None: nobody) through a route, or say why not.

    `festival` is the number in the route's path, None if the route has none; then the route is of
    the whole house. `organiser_of_festival` is whose it is, None if no such festival exists.
    Guards in this order: who are you, does it exist for you, may you. So nobody learns by a 403
    that another's festival exists. `ValueError` never: what is unclear is refused.
    """
    if access.door is Door.PUBLIC:
        is_there = festival is None or organiser_of_festival is not None
        return Allowed(principal) if is_there else Refusal.NOT_FOUND
    if principal is None:
        return Refusal.NOT_SIGNED_IN
    if access.door is Door.SUPERADMIN and not principal.is_superadmin:
        return Refusal.FORBIDDEN
    if festival is not None and not principal.reaches(organiser_of_festival, festival):
        return Refusal.NOT_FOUND
    if access.door is Door.SCOPED and not _has(principal, access, festival):
        return Refusal.FORBIDDEN
    return Allowed(principal)


def may(
    principal: Principal,
    needed: Scope,
    organiser_of_festival: OrganiserId | None = None,
    festival: int | None = None,
) -> bool:
    """Tell whether who asks may do this, in a festival or (None) in the house of their organiser.

    For a route that must look closer than its declaration, such as one whose festival stands in
    the body.
    """
    access = staff(needed)
    return isinstance(decide(principal, access, organiser_of_festival, festival), Allowed)


def implied(role: Role) -> frozenset[Scope]:
    """Return the scopes that a person of this role has."""
    return SCOPES_OF[role]


def read_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of these texts; `ValueError` if one is unknown."""
    return frozenset(Scope(text) for text in texts)


def _has(principal: Principal, access: Access, festival: int | None) -> bool:
    """Tell whether who asks has the scope and, for a person, one of the roles."""
    if access.scope is None or access.scope not in principal.scopes:
        return False
    is_person = principal.kind is Kind.PERSON
    if is_person and principal.role not in access.roles:
        return False
    if festival is None and access.scope in HOUSE_WIDE:
        return principal.festivals is None
    return True
