"""What comes in and goes out of the accounts' routes. Secrets are shown in no representation."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from cloud.accounts.access import Scope
from cloud.api.models import U32, Given, HexId, Taken, UnixMs
from cloud.limits import (
    CREDENTIAL_CHARS_MAX,
    EMAIL_CHARS_MAX,
    FESTIVALS_NAMED_MAX,
    NAME_CHARS_MAX,
    PASSWORD_CHARS_MAX,
    PASSWORD_CHARS_MIN,
)

_ATTEMPT_CHARS_MAX: Final = 100
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=3, max_length=EMAIL_CHARS_MAX),
    Field(repr=False, description="An e-mail address."),
]
NewPassword = Annotated[
    SecretStr,
    Field(
        min_length=PASSWORD_CHARS_MIN,
        max_length=PASSWORD_CHARS_MAX,
        description="Length is what counts; any characters may be in it.",
    ),
]
Password = Annotated[SecretStr, Field(max_length=PASSWORD_CHARS_MAX)]
Secret = Annotated[SecretStr, Field(max_length=CREDENTIAL_CHARS_MAX)]
_NO_CONTROLS: Final = r"^[^\u0000-\u001f\u007f]*$"
Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=NAME_CHARS_MAX, pattern=_NO_CONTROLS
    ),
    Field(description="A name for people, without control characters."),
]
PersonName = Annotated[Name, Field(repr=False, description="What people call you.")]
Language = Literal["en", "fr"]
StaffRole = Annotated[
    Literal["organiser", "cashier", "agent", "technician"],
    Field(description="What somebody is for the organiser."),
]
Festivals = Annotated[
    list[U32] | None,
    Field(
        max_length=FESTIVALS_NAMED_MAX,
        description="Numbers of festivals; null for all of the organiser's, later ones too.",
    ),
]
ScopeName = Literal[
    "festivals:read", "festivals:write", "tickets:read", "tickets:write", "orders:read",
    "orders:write", "cashless:read", "cashless:write", "scan:read", "scan:write",
    "terminals:read", "terminals:write", "figures:read", "accounts:read", "accounts:write",
]  # fmt: skip
"""Spelled out, so that the description of the API lists them; a test compares them with `Scope`."""


class Login(Taken):
    """Who signs in; without an organiser it is the one for whom they have worked the longest."""

    email: Email
    password: Password
    organiser: HexId | None = None


class NewAccount(Taken):
    """Who wants an account."""

    email: Email
    password: NewPassword
    name: PersonName
    language: Language = "en"


class Register(NewAccount):
    """A new account: with `organiser` its holder founds one of that name, without it is a guest."""

    organiser: Name | None = None


class AcceptSecret(NewAccount):
    """A new account for who brings the secret of an invitation or of the superadmin link."""

    secret: Secret


class JoinSecret(Taken):
    """The secret of an invitation or of the superadmin link, for who is signed in."""

    secret: Secret


class Refresh(Taken):
    """The refresh token that was given last; it is good once.

    `attempt` is a name drawn for this try. The same token with the same attempt gets the same
    answer again for a minute, in case the first was lost on the way.
    """

    refresh_token: Secret
    attempt: Annotated[str, Field(max_length=_ATTEMPT_CHARS_MAX, repr=False)] = ""


class ChangeName(Taken):
    """Another name or language."""

    name: PersonName
    language: Language


class ChangePassword(Taken):
    """The password there is, and the one that is wanted."""

    password: Password
    new_password: NewPassword


class ProvePassword(Taken):
    """The password, once more, before something that cannot be undone."""

    password: Password


class Tokens(Given):
    """Access for a while, and what the next access is got with."""

    access_token: Annotated[str, Field(repr=False)]
    refresh_token: Annotated[str, Field(repr=False)]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds.")]
    user: str
    role: str
    organiser: str | None


class TokenForm(BaseModel):
    """A request for access (RFC 6749, 4.4.2 and 6); what else stands in the form is passed over.

    A client names itself by Basic or in the form, never by both.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    grant_type: Literal["client_credentials", "refresh_token"]
    client_id: Annotated[str, Field(max_length=CREDENTIAL_CHARS_MAX)] = ""
    client_secret: Secret = SecretStr("")
    scope: Annotated[
        str, Field(description="Scopes, separated by spaces; without it all that the client has.")
    ] = ""
    refresh_token: Annotated[
        Secret, Field(description="The refresh token that was given last, for `refresh_token`.")
    ] = SecretStr("")


class TokenGiven(Given):
    """Access for a while (RFC 6749, 5.1); a new refresh token only for who refreshed."""

    access_token: Annotated[str, Field(repr=False)]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds.")]
    scope: Annotated[str, Field(description="What it allows, separated by spaces.")]
    refresh_token: Annotated[str | None, Field(repr=False)] = None


class TokenRefused(Given):
    """Why there is no access (RFC 6749, 5.2)."""

    error: Literal[
        "invalid_request", "invalid_client", "invalid_grant", "invalid_scope",
        "unauthorized_client", "unsupported_grant_type",
    ]  # fmt: skip
    error_description: str | None = None


class MembershipGiven(Given):
    """For whom somebody works, as what."""

    organiser: str
    name: str
    role: str
    festivals: list[int] | None


class Me(Given):
    """Who asks: a person, a key or a client; `scopes` is what they may do."""

    kind: str
    id: str
    role: str | None
    organiser: str | None
    festivals: list[int] | None
    scopes: list[str]
    email: Annotated[str | None, Field(repr=False)]
    name: Annotated[str | None, Field(repr=False)]
    language: str | None
    memberships: list[MembershipGiven]


class OrganiserGiven(Given):
    """One organiser."""

    organiser: str
    name: str
    made_ms: UnixMs
    suspended: bool


class NewOrganiser(Taken):
    """An organiser to be founded by who asks."""

    name: Name


class Suspension(Taken):
    """Whether an organiser's people, keys and clients are kept out."""

    suspended: bool


class Disabling(Taken):
    """Whether somebody is kept out of the whole house."""

    disabled: bool


class Invite(Taken):
    """A role to be offered to whoever brings the secret."""

    role: StaffRole
    festivals: Festivals = None


class InvitationGiven(Given):
    """One invitation that can still be accepted."""

    invitation: str
    role: str
    festivals: list[int] | None
    made_by: str
    made_ms: UnixMs
    ends_ms: UnixMs


class Invited(InvitationGiven):
    """A new invitation with its secret, which is told only now."""

    secret: Annotated[str, Field(repr=False)]


class MemberGiven(Given):
    """Somebody who works for the organiser."""

    user: str
    email: Annotated[str, Field(repr=False)]
    name: Annotated[str, Field(repr=False)]
    role: str
    festivals: list[int] | None
    made_ms: UnixMs


class ChangeRole(Taken):
    """Another role or other festivals."""

    role: StaffRole
    festivals: Festivals = None


class RoleGiven(Given):
    """A member's role."""

    user: str
    role: str
    festivals: list[int] | None


class Joined(Given):
    """The organiser for whom somebody works now."""

    organiser: str


class NewMachine(Taken):
    """A key or client: what it may do, and where."""

    name: Name
    scopes: Annotated[list[ScopeName], Field(min_length=1, max_length=len(Scope))]
    festivals: Festivals = None


class KeyGiven(Given):
    """One API key, without its secret."""

    key: str
    name: str
    scopes: list[str]
    festivals: list[int] | None
    made_by: str
    made_ms: UnixMs
    used_ms: Annotated[int, Field(ge=0, description="About when it was used last; 0 is never.")]


class NewKeyGiven(KeyGiven):
    """A new key with its secret, which is told only now."""

    secret: Annotated[str, Field(repr=False)]


class ClientGiven(Given):
    """One OAuth client, without its secret."""

    client: str
    client_id: str
    name: str
    scopes: list[str]
    festivals: list[int] | None
    made_by: str
    made_ms: UnixMs


class NewClientGiven(ClientGiven):
    """A new client with its secret, which is told only now."""

    client_secret: Annotated[str, Field(repr=False)]
