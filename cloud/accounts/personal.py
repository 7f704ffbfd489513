"""What says who somebody is: sealed for each person alone, so that one can be erased.

Each person has a key; the database keeps it sealed with the house's. Addresses are found by a
keyed digest, which nobody can compute who has the database alone.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from cloud.accounts.access import UserId
from cloud.accounts.house_key import HouseKey
from cloud.accounts.sealing import KEY_BYTES, NONCE_BYTES, opened, seal
from cloud.accounts.secret_texts import mark_of
from cloud.limits import EMAIL_CHARS_MAX
from cloud.store.accounts_people import Person

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_KEY: Final = "person key"
_PROFILE: Final = "profile"
_PASSWORD: Final = "password"  # noqa: S105 - what is sealed, not a password


@dataclass(frozen=True, slots=True)
class Profile:
    """Who a person says they are; hidden from logs."""

    email: str = field(repr=False)
    name: str = field(repr=False)


class Erased(Exception):
    """Nothing is left of this person but the id."""


class Personal:
    """Seals and opens what is personal, with this house's key."""

    def __init__(self, house_key: HouseKey, draw: Callable[[int], bytes]) -> None:
        """`draw` gives random bytes."""
        self._key = house_key.derive("person keys")
        self._email_key = house_key.derive("email addresses")
        self._draw = draw

    def email_mark(self, email: str) -> bytes:
        """Return the digest (32 bytes) by which the account of an address is found."""
        return mark_of(self._email_key, "email", folded(email).encode("utf-8", "replace"))

    def new(
        self, user: UserId, profile: Profile, password: str, language: str, now_ms: int
    ) -> Person:
        """Return a new person with a key of their own; `password` is its argon2id digest."""
        key = self._draw(KEY_BYTES)
        sealed_key = seal(key, self._key, f"{_KEY} {user}", self._draw(NONCE_BYTES))
        mark = self.email_mark(profile.email)
        bare = Person(
            user=user,
            email_mark=mark,
            sealed_key=sealed_key,
            sealed_profile=None,
            sealed_password=None,
            language=language,
            is_superadmin=False,
            made_ms=now_ms,
        )
        sealed_password = self.sealed_password(bare, password)
        return replace(
            bare, sealed_profile=self._profile(bare, profile), sealed_password=sealed_password
        )

    def renamed(self, person: Person, name: str, language: str) -> Person:
        """Return a person with another name and language; `Erased` if nobody is left."""
        profile = replace(self.profile(person), name=name)
        return replace(person, sealed_profile=self._profile(person, profile), language=language)

    def sealed_password(self, person: Person, password: str) -> bytes:
        """Return an argon2id digest as it is kept for a person."""
        return self._seal(person, _PASSWORD, password.encode())

    def profile(self, person: Person) -> Profile:
        """Return who a person is; `Erased` if nobody is left."""
        row = json.loads(self._open(person, _PROFILE, person.sealed_profile))
        return Profile(row["email"], row["name"])

    def password(self, person: Person) -> str:
        """Return the argon2id digest of a person's password; `Erased` if nobody is left."""
        return self._open(person, _PASSWORD, person.sealed_password).decode()

    def _profile(self, person: Person, profile: Profile) -> bytes:
        row = {"email": profile.email, "name": profile.name}
        return self._seal(person, _PROFILE, json.dumps(row).encode())

    def _seal(self, person: Person, what: str, content: bytes) -> bytes:
        place = f"{what} {person.user}"
        return seal(content, self._key_of(person), place, self._draw(NONCE_BYTES))

    def _open(self, person: Person, what: str, sealed: bytes | None) -> bytes:
        if sealed is None:
            raise Erased(person.user)
        return opened(sealed, self._key_of(person), f"{what} {person.user}")

    def _key_of(self, person: Person) -> bytes:
        if person.sealed_key is None:
            raise Erased(person.user)
        return opened(person.sealed_key, self._key, f"{_KEY} {person.user}")

    def __repr__(self) -> str:
        """Show nothing of the keys."""
        return "Personal()"


def folded(email: str) -> str:
    """Return an e-mail address as it is compared: case and width of letters make no difference."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def is_email(text: str) -> bool:
    """Tell whether a text can be an e-mail address; only a message could tell whether it is one."""
    email = text.strip()
    return len(email) <= EMAIL_CHARS_MAX and email.isprintable() and bool(_EMAIL.fullmatch(email))
