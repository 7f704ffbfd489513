"""Opens a scanned code before its job: a signature is dear, and the one thread that writes is busy.

The keys are those that the last job saw. Inside the job only what can have changed is judged again:
whether the key is still taken. A refusal that newer keys could change is made again from nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync import catalogue
from sync.admission import DIGEST_BYTES
from sync.cells import Cells
from sync.codes import CodeRefusal, Ticket, open_code
from sync.keys import PublicKey, digest


@dataclass(slots=True)
class SeenKeys:
    """The issuing keys as they were last seen; old or empty ones cost time and no truth."""

    keys: Mapping[int, PublicKey] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that was scanned, what it opened to, and the key that its signature was checked with.

    `digest` is the first 8 bytes of SHA-256 of the text.
    """

    text: str
    digest: bytes
    opened: Ticket | CodeRefusal
    key: PublicKey | None


_TIMELESS = frozenset({CodeRefusal.NOT_A_CODE, CodeRefusal.UNKNOWN_FORMAT})


def show(text: str, seen: SeenKeys, festival: int) -> Shown:
    """Open a text with the keys that were seen last; anywhere."""
    keys = seen.keys
    opened = open_code(text, keys, festival)
    key = keys.get(opened.key_id) if isinstance(opened, Ticket) else None
    return Shown(text, text_digest(text), opened, key)


def opened_now(cells: Cells, shown: Shown, seen: SeenKeys, festival: int) -> Ticket | CodeRefusal:
    """Return what a text opens to with the keys that are taken now; inside a job."""
    opened = shown.opened
    if isinstance(opened, Ticket):
        if catalogue.issuing_key(cells, opened.key_id) == shown.key:
            return opened
    elif opened in _TIMELESS:
        return opened
    seen.keys = catalogue.issuing_keys(cells)
    return open_code(shown.text, seen.keys, festival)


def text_digest(text: str) -> bytes:
    """Return by what a refused text is known in a record: 8 bytes, from which it cannot be made."""
    return digest(text.encode("utf-8", "surrogatepass"))[:DIGEST_BYTES]
