"""Who holds tickets: names and addresses, sealed with a key for each person, gone with that key."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cloud.store.people import PersonBook
from cloud.tickets.sealing import KEY_BYTES, BoxSealer, Sealer
from sync.names import ID_BYTES

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


def sealed(person: Person, sealer: Sealer, draw: Draw) -> Sealed:
    """Return a person sealed under a new id, to be put into the book inside a transaction."""
    who, key = draw(ID_BYTES), draw(KEY_BYTES)
    content = who + json.dumps([person.name, person.email]).encode()
    return who, sealer.seal(who + key), BoxSealer(key, draw).seal(content)


class People:
    """The people of one festival, read with the key that is handed in."""

    def __init__(self, book: PersonBook, sealer: Sealer, draw: Draw) -> None:
        """`sealer` seals people's keys, `draw` gives random bytes."""
        self._book = book
        self._sealer = sealer
        self._draw = draw

    def of(self, ids: Iterable[bytes | None]) -> dict[bytes, Person]:
        """Return the people with these ids, without those who were erased.

        `Unsealable` if the sealer is not the one that sealed them, or a row was put elsewhere.
        """
        wanted = sorted({one for one in ids if one is not None})
        return {who: self._opened(who, *row) for who, row in self._book.of(wanted).items()}

    def _opened(self, who: bytes, sealed_key: bytes, sealed: bytes) -> Person:
        key = _own(who, self._sealer.open(sealed_key))
        content = _own(who, BoxSealer(key, self._draw).open(sealed))
        name, email = json.loads(content)
        return Person(name, email)


def _own(who: bytes, content: bytes) -> bytes:
    """Return what follows the id under which something was sealed."""
    if content[:ID_BYTES] != who:
        message = "a person's row holds what was sealed for somebody else"
        raise SwappedRow(message)
    return content[ID_BYTES:]


class SwappedRow(Exception):
    """Somebody moved sealed data in the database from one person to another."""
