"""A million changed codes, records and messages: none is taken for what it is not."""

import random

import pytest

from sync.codes import CodeKind, Ticket, issue, open_code
from sync.conversation import BadMessage
from sync.message import read_message
from tests.sync.builder import FESTIVAL, ISSUING_KEY, Box, admitted, bar, gate, sold
from tests.sync.test_hostile_messages import FIRST_WORDS, GENUINE, SAID

FEW = 6_000
A_MILLION = 1_000_000


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return the bytes flipped, cut, grown or with a piece of themselves moved."""
    at = rng.randrange(len(content))
    match rng.randrange(5):
        case 0:
            return content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1 :]
        case 1:
            return content[:at]
        case 2:
            return content[:at] + rng.randbytes(rng.randint(1, 8)) + content[at:]
        case 3:
            other = rng.randrange(len(content))
            return content[:at] + content[other : other + 16] + content[at + 16 :]
        case _:
            return content[:at] + content[at + rng.randint(1, 8) :]


def mutate_all(count: int) -> None:
    """Change records, messages and codes in turn and hand them to a box that has the originals."""
    rng = random.Random(count)
    north, till = gate(), bar()
    records = [north.first, *north(admitted(), admitted(6)), till.first, *till(sold())]
    box = Box()
    box.take(*records)
    before, kept = box.hashes(), len(box.shelf.records)
    key = {1: ISSUING_KEY.public}
    texts = [
        issue(Ticket(CodeKind.TICKET, 1, FESTIVAL, n, 1, 0, 0, 0), ISSUING_KEY) for n in range(9)
    ]
    raws = [record.raw for record in records]
    for number in range(count):
        if number % 3 == 0:
            box.take(changed(rng.choice(raws), rng))
        elif number % 3 == 1:
            _hear(changed(rng.choice([SAID, FIRST_WORDS]), rng))
        else:
            text = changed(rng.choice(texts).encode(), rng).decode("latin-1")
            ticket = open_code(text, key, FESTIVAL)
            assert not isinstance(ticket, Ticket) or text in texts
    assert box.hashes() == before
    assert len(box.shelf.records) == kept


def _hear(content: bytes) -> None:
    """Read a changed message: what it brings beyond what is genuine proves nothing."""
    try:
        message = read_message(content)
    except BadMessage:
        return
    forged = [raw for raw in message.records if raw not in GENUINE]
    assert "new" not in Box().take(*forged)


def test_some_thousand_changes_bring_nothing() -> None:
    mutate_all(FEW)


@pytest.mark.long
def test_a_million_changes_bring_nothing() -> None:
    mutate_all(A_MILLION)
