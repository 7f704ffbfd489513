"""What every numbered thing of a catalogue has in common: how it is shown, stated and given up.

A sort of things says what of it terminals hear (rows that become facts) and what only the office
keeps (words in the book of details). The catalogue's one set of rules works with any sort.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

from pydantic import BaseModel

from cloud.festivals.rows import Row
from cloud.festivals.sight import Sight
from sync.allotments import Resource
from sync.body import Body
from sync.facts import ResourceKind

P = TypeVar("P", bound=BaseModel)
G = TypeVar("G", bound=BaseModel)

QUOTA_FIELD: Final = {
    int(ResourceKind.TICKET_TYPE): "ticket_type",
    int(ResourceKind.VOUCHER): "voucher",
    int(ResourceKind.STOCK): "product",
}


class Sort(ABC, Generic[P, G]):
    """One sort of numbered things: zones, ticket types, products, vouchers, bars or gates."""

    kind: ClassVar[str]
    """Its place in a path and its name in the book of details."""
    path: ClassVar[str]
    word: ClassVar[str]
    """What people call one, in sentences."""
    number_min: ClassVar[int] = 0
    number_max: ClassVar[int]
    taken: type[P]
    given: type[G]

    @abstractmethod
    def numbers(self, sight: Sight) -> set[int]:
        """Return the numbers that were stated as facts, also of what was deleted."""

    @abstractmethod
    def show(self, sight: Sight, number: int) -> G:
        """Return how a thing stands; it must be there."""

    @abstractmethod
    def rows(self, sight: Sight, number: int, body: P) -> list[Row]:
        """Return the statements that make a thing what the body says; none if it is that."""

    @abstractmethod
    def words(self, sight: Sight, body: P) -> dict[str, Any]:
        """Return what the office alone keeps of it, as values of JSON."""

    def faults(self, sight: Sight, body: P) -> list[dict[str, str]]:
        """Return the fields that name something that is not there."""
        del sight, body
        return []

    def clash(self, sight: Sight, number: int, words: Any) -> str:
        """Say with what else in the festival it cannot be together, "" if with nothing.

        `words` have a `name`: a body, or what is shown of a thing that is to be restored.
        """
        del sight, number, words
        return ""

    def needed_by(self, sight: Sight, number: int) -> str:
        """Say what would be wrong without it, "" if nothing."""
        del sight, number
        return ""

    def rows_to_hide(self, sight: Sight, number: int) -> list[Row]:
        """Return the statements by which terminals stop selling it."""
        del sight, number
        return []

    def rows_to_return(self, sight: Sight, number: int) -> list[Row]:
        """Return the statements that undo those."""
        del sight, number
        return []

    def also_keep(self, sight: Sight, number: int, words: Mapping[str, Any]) -> None:
        """Write what is kept of it in other books as well."""

    def also_hide(self, sight: Sight, number: int) -> None:
        """Take it out of those books."""

    def resource(self, number: int) -> Resource | None:
        """Return the quota that counts it, None if nothing does."""
        del number
        return None


def present(sort: Sort[Any, Any], sight: Sight) -> list[int]:
    """Return the numbers of a sort's things that are there, ascending: not what was deleted."""
    kept = sight.details.every(sort.kind)
    gone = {int(name) for name, one in kept.items() if one.is_deleted}
    return sorted((sort.numbers(sight) | {int(name) for name in kept}) - gone)


def deleted(sort: Sort[Any, Any], sight: Sight) -> list[int]:
    """Return the numbers of a sort's things that were deleted, ascending."""
    kept = sight.details.every(sort.kind)
    return sorted(int(name) for name, one in kept.items() if one.is_deleted)


def is_present(sort: Sort[Any, Any], sight: Sight, number: int) -> bool:
    """Tell whether a thing is there and was not deleted."""
    kept = sight.details.one(sort.kind, str(number))
    return not kept.is_deleted if kept is not None else number in sort.numbers(sight)


def missing(
    sort: Sort[Any, Any], sight: Sight, where: str, numbers: Sequence[int]
) -> list[dict[str, str]]:
    """Return a fault for each of these numbers that names nothing."""
    there = set(present(sort, sight)) if numbers else set()
    return [
        {"where": where, "what": f"there is no {sort.word} {number}: make it first"}
        for number in numbers
        if number not in there
    ]


def unless_so(known: Body | None, subject: str, row: Row) -> list[Row]:
    """Return the row, or nothing if all that it says was stated last; `subject` names its number.

    So a change that changes nothing is no new fact.
    """
    if known is None:
        return [row]
    said = {name: value for name, value in row.items() if name not in {"kind", subject}}
    is_so = all(_plain(getattr(known, name)) == _plain(value) for name, value in said.items())
    return [] if is_so else [row]


def quota_rows(known_capacity: int | None, resource: Resource, wanted: int | None) -> list[Row]:
    """Return the statement of a quota, none if it is what was stated last."""
    if wanted == known_capacity:
        return []
    kind, number = resource
    return [{"kind": "quota", QUOTA_FIELD[kind]: number, "capacity": wanted}]


def numbered(word: str, names: Sequence[object]) -> str:
    """Return things as they are told in a sentence, the first few of them."""
    shown = ", ".join(str(name) for name in names[:_NAMES_SHOWN])
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{word} {shown}{more}"


_NAMES_SHOWN: Final = 5


def _plain(value: Any) -> Any:
    """Return a value as facts hold it; an empty list is the same as none."""
    if isinstance(value, list | tuple):
        return tuple(_plain(item) for item in value) or None
    return value
