"""Does what a request asks for once, however often it comes: the rule of the `Idempotency-Key`.

Theory (IETF draft "The Idempotency-Key HTTP Header Field"). A key belongs to who asks and to the
route. The first request with it is judged and done; its answer is kept in the same transaction as
its effect, so a crash leaves both or neither and there is no "in progress". Whoever comes again
with the same content gets the same bytes; with other content it is refused. Jobs are done one after
the other, so a twin that comes at the same time waits its turn and is answered like a later one.

Refusals are answers too: "sold out" stays sold out under this key, and a new try needs a new one.
Only what says "ask again later" (a status from 500 on) is not kept. And should an answer be
forgotten, after days, the effect is not: what is made bears an id that follows from the key
(`Deed.operation`), and the ledger, or the book of tickets or orders, knows it for ever.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from cloud.limits import IDEMPOTENCY_KEY_CHARS_MAX
from cloud.office import Office
from cloud.store.idempotency import Kept
from sync.names import ID_BYTES

__all__ = ["REUSED", "Deed", "Kept", "Reused", "answered_once", "is_key", "mark_of"]

_LATER: Final = 500
_OPERATION: Final = b"guichet-operation-v1\0"
_NAME: Final = b"guichet-answer-v1\0"


class Reused(Enum):
    """The key was used for another content before: 409 `idempotency_key_reused`."""

    REUSED = "idempotency_key_reused"


REUSED: Final = Reused.REUSED


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be done once: who asks (their id), on which route, under which key.

    `mark` (32 bytes, see `mark_of`) stands for the content of the request.
    """

    principal: str
    route: str
    key: str
    mark: bytes

    @property
    def name(self) -> bytes:
        """The route and the key in 32 bytes; what a key holds is not kept."""
        return hashlib.sha256(_NAME + _spelled(self.route, self.key)).digest()

    @property
    def operation(self) -> bytes:
        """The id (16 bytes) of the sale, top-up or order that is made: the same at each try."""
        whole = _OPERATION + _spelled(self.principal, self.route, self.key)
        return hashlib.sha256(whole).digest()[:ID_BYTES]


def is_key(text: str) -> bool:
    """Tell whether a header's value can be a key: 1 to 255 visible ASCII characters."""
    return 0 < len(text) <= IDEMPOTENCY_KEY_CHARS_MAX and all("!" <= char <= "~" for char in text)


def mark_of(path: str, content: object) -> bytes:
    """Return what stands for a request's content: its path and its body as JSON values.

    Two bodies that differ in spaces or in the order of names only have the same mark.
    """
    body = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(_spelled(path, body)).digest()


def answered_once(
    office: Office, deed: Deed, make: Callable[[Office], Kept]
) -> Kept | Literal[Reused.REUSED]:
    """Return the answer to a deed, which `make` does if it was not done before.

    Inside a transaction. If `make` raises, nothing happened and nothing is kept.
    """
    book = office.store.answers
    name = deed.name
    found = book.find(deed.principal, name)
    if found is not None:
        mark, kept = found
        return kept if mark == deed.mark else REUSED
    kept = make(office)
    if kept.status < _LATER:
        book.keep(deed.principal, name, deed.mark, kept, office.now_ms())
    return kept


def _spelled(*parts: str) -> bytes:
    """Return texts one after the other, so that no two lists of them are spelled alike."""
    return json.dumps(parts).encode()
