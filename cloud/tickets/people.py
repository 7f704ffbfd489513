"""Who holds tickets: names and addresses, sealed with a key for each person, gone with that key.

The person's key is sealed with one that is handed in. Both are bound to the festival and the
person, so that whoever writes in the database cannot pass one guest off as another.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from cloud.accounts.sealing import KEY_BYTES, NONCE_BYTES, opened, seal
from cloud.accounts.service import house_key_of
from cloud.clock_and_chance import random_bytes
from cloud.store.people import PersonBook
from sync.names import ID_BYTES

_PURPOSE: Final = "people who hold tickets"
Draw = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a guest; a text may be empty."""

    name: str = ""
    email: str = ""

    @property
    def is_known(self) -> bool:
        """Tell whether anything is known of them."""
        return bool(self.name or self.email)


NOBODY: Final = Person()

Sealed = tuple[bytes, bytes, bytes]
"""A person's id (16 random bytes), their sealed key, their sealed data: a row of the book."""


class Sealer:
    """Seals the people of one festival with its key (32 bytes); it never prints itself."""

    def __init__(self, key: bytes, festival: int, draw: Draw) -> None:
        """`draw` gives random bytes."""
        self._key = key
        self._festival = festival
        self._draw = draw

    def sealed(self, person: Person) -> Sealed:
        """Return a person sealed under a new id, to be put into the book in a transaction."""
        who, key = self._draw(ID_BYTES), self._draw(KEY_BYTES)
        content = json.dumps([person.name, person.email]).encode()
        sealed_key = seal(key, self._key, self._place("key", who), self._draw(NONCE_BYTES))
        return (
            who,
            sealed_key,
            seal(content, key, self._place("data", who), self._draw(NONCE_BYTES)),
        )

    def opened(self, row: Sealed) -> Person:
        """Return who was sealed; `NotOpened` if somebody changed the database."""
        who, sealed_key, sealed = row
        key = opened(sealed_key, self._key, self._place("key", who))
        name, email = json.loads(opened(sealed, key, self._place("data", who)))
        return Person(name, email)

    def people(self, book: PersonBook, ids: Iterable[bytes | None]) -> dict[bytes, Person]:
        """Return the people with these ids, without those who were erased."""
        wanted = sorted({one for one in ids if one is not None})
        return {who: self.opened((who, *row)) for who, row in book.of(wanted).items()}

    def _place(self, what: str, who: bytes) -> str:
        return f"ticket-person-{what} {self._festival} {who.hex()}"

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "Sealer()"


@cache
def key_of(house: Path) -> bytes:
    """Return the key under which a house seals the people of its festivals (32 bytes)."""
    return house_key_of(house, random_bytes).derive(_PURPOSE)
