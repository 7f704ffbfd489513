"""Why something with an account was not done: values, each with a status and a sentence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Trouble(StrEnum):
    """What was expected to go wrong; the value is the machine's word for it."""

    WRONG_CREDENTIALS = "wrong_credentials"
    EMAIL_TAKEN = "email_taken"
    EMAIL_MALFORMED = "email_malformed"
    PASSWORD_LENGTH = "password_length"  # noqa: S105 - a word, not a password
    PASSWORD_EASY = "password_easy"  # noqa: S105 - a word, not a password
    NOT_A_MEMBER = "not_a_member"
    ORGANISER_SUSPENDED = "organiser_suspended"
    ORGANISER_NEEDED = "organiser_needed"
    PERSON_NEEDED = "person_needed"
    REFRESH_INVALID = "refresh_invalid"
    REFRESH_REUSED = "refresh_reused"
    INVITATION_INVALID = "invitation_invalid"
    ALREADY_MEMBER = "already_member"
    LINK_INVALID = "link_invalid"
    LAST_ORGANISER = "last_organiser"
    MORE_THAN_ONE_HAS = "more_than_one_has"
    FESTIVAL_UNKNOWN = "festival_unknown"
    ROLE_UNFIT = "role_unfit"
    SCOPES_EMPTY = "scopes_empty"
    TOO_MANY = "too_many"
    UNKNOWN = "unknown"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return _TOLD[self][0]

    @property
    def sentence(self) -> str:
        """What is said to whoever asked."""
        return _TOLD[self][1]


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many tries: ask again after so many seconds."""

    seconds: int


_TOLD: Final[dict[Trouble, tuple[int, str]]] = {
    Trouble.WRONG_CREDENTIALS: (401, "The e-mail address or the password is wrong."),
    Trouble.EMAIL_TAKEN: (409, "This e-mail address has an account already: sign in with it."),
    Trouble.EMAIL_MALFORMED: (422, "This is not an e-mail address."),
    Trouble.PASSWORD_LENGTH: (422, "A password has 10 to 200 characters."),
    Trouble.PASSWORD_EASY: (422, "This password is too easy to guess."),
    Trouble.NOT_A_MEMBER: (403, "You do not work for this organiser."),
    Trouble.ORGANISER_SUSPENDED: (403, "This organiser is suspended: ask whoever runs the house."),
    Trouble.ORGANISER_NEEDED: (403, "Sign in for an organiser to do this."),
    Trouble.PERSON_NEEDED: (403, "Only a person who is signed in can do this."),
    Trouble.REFRESH_INVALID: (401, "This session has ended: sign in again."),
    Trouble.REFRESH_REUSED: (
        401,
        "This refresh token was used before: the session was ended. Sign in again.",
    ),
    Trouble.INVITATION_INVALID: (404, "This invitation was used, revoked or has expired."),
    Trouble.ALREADY_MEMBER: (409, "You work for this organiser already."),
    Trouble.LINK_INVALID: (404, "This link was used or has expired: make a new one."),
    Trouble.LAST_ORGANISER: (409, "An organiser needs at least one person who rules all of it."),
    Trouble.MORE_THAN_ONE_HAS: (403, "Nobody can give or take what they do not have themselves."),
    Trouble.FESTIVAL_UNKNOWN: (422, "One of these festivals is not yours."),
    Trouble.ROLE_UNFIT: (422, "This role is not held for an organiser."),
    Trouble.SCOPES_EMPTY: (422, "Name at least one scope."),
    Trouble.TOO_MANY: (409, "There are too many of these already: take some away first."),
    Trouble.UNKNOWN: (404, "There is no such thing for you."),
}
