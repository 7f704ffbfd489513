"""Books that hands keep of what they did, beside everything that the product knows.

An act is something that a box recorded and hands know of. Which acts a box holds is read from its
store's file by fact id; what an act means is what the hands did. Nothing here comes from the fold.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.box import Box

GATE_KINDS = frozenset({"in", "out", "move", "undo"})
OFFICE_KINDS = frozenset({"status", "replaced"})


@dataclass
class Act:
    """One thing that happened. `knew` are the acts that its box held when it decided (bits).

    `number` is its bit; -1 while nobody knows whether it was recorded. An act that `counts` not
    was recorded by a box that is believed no further than before it.
    """

    kind: str
    box: str
    at_ms: int
    knew: int
    writer: bytes
    subject: int | bytes
    place: int = 0
    amount: int = 1
    target: "Act | None" = None
    number: int = -1
    fact: bytes = b""
    is_clock_right: bool = True
    counts: bool = True
    was_told: bool = True
    more: dict[str, object] = field(default_factory=dict)

    @property
    def bit(self) -> int:
        """The act as a set of itself."""
        return 1 << self.number

    def __str__(self) -> str:
        what = self.subject.hex()[:8] if isinstance(self.subject, bytes) else self.subject
        return f"{self.kind} {what} by {self.box}"


class Books:
    """Every act, in the order in which they truly happened."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self._by_fact: dict[bytes, Act] = {}
        self._by_writer: dict[bytes, int] = {}
        self._gate_acts = 0
        self._bar_acts = 0
        self._office_acts = 0

    def settle(self, act: Act, fact: bytes) -> None:
        """Enter an act: it was recorded as this fact."""
        act.number, act.fact = len(self.acts), fact
        self.acts.append(act)
        self._by_fact[fact] = act
        self._by_writer[act.writer] = self._by_writer.get(act.writer, 0) | act.bit
        if act.kind in GATE_KINDS:
            self._gate_acts |= act.bit
        elif act.kind in OFFICE_KINDS:
            self._office_acts |= act.bit
        else:
            self._bar_acts |= act.bit

    def mark_of(self, fact: bytes) -> int:
        """Return the bit of the act that was recorded as a fact, 0 if it is none."""
        act = self._by_fact.get(fact)
        return 0 if act is None else act.bit

    def of_writer(self, writer: bytes) -> int:
        """Return the acts of one terminal, and of its copy."""
        return self._by_writer.get(writer, 0)

    def wanted_by(self, box: "Box") -> int:
        """Return the acts that a box wants to hear of."""
        return self._office_acts | (self._gate_acts if box.is_gate else self._bar_acts)

    def unheard_of(self, box: "Box") -> int:
        """Return the acts at gates that a gate does not hold."""
        return self._gate_acts & ~box.knows

    def among(self, mask: int) -> Iterator[Act]:
        """Walk over the acts of a set, the earliest first."""
        while mask:
            lowest = mask & -mask
            yield self.acts[lowest.bit_length() - 1]
            mask ^= lowest

    def name_of(self, fact: bytes) -> str:
        """Say what a fact was."""
        act = self._by_fact.get(fact)
        return f"fact {fact.hex()[:8]}" if act is None else str(act)

    def names_of(self, mask: int) -> str:
        """Say what some acts were."""
        return ", ".join(map(str, self.among(mask)))
