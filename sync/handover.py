"""Who lends: the one authority for what is lent, and how it moves from hand to hand.

Theory. The authority is a chain. Version 0 is the office, which is one holder although each of its
processes is a writer of its own. Version n + 1 counts only if the holder of version n stated it, or
if the office did because that holder is revoked. One cell keeps everything that was said about it,
and the chain is a pure function of that set and of who is revoked; a revocation folds everything
again, so the order in which facts come cannot be seen. Two that follow one version are a finding:
the lower fact id counts, but the office's word goes before that of a revoked hub.

What is lent names the version under which it was lent; none stands for 0. Whoever lends without
holding that version lends all the same, for a loan that a till may spend must never be taken for
free room; but it is a finding. Of each lender and version only the number of parts and the lowest
fact id are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from sync.catalogue import is_revoked
from sync.cells import CellKey, CellKind, Cells
from sync.conflicts import Conflict, ConflictKind, declare, settle
from sync.facts import Allotted, AuthorityHanded
from sync.journal import Record
from sync.names import Area, Role

OFFICE: Final = b""
"""The office as a holder; a hub is its terminal id."""

_CHAIN_KEY: Final = CellKey(Area.OFFICE, CellKind.AUTHORITY, b"")
_VERSION_BYTES: Final = 4


class _Said(NamedTuple):
    """One hand-over as it was stated: which version, by which fact, who gave it to whom."""

    version: int
    fact: bytes
    by: bytes
    to: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """Who is the authority from a version on: `holder`, from whom (`giver`), by which fact.

    Version 0 has no fact; the office holds it from the beginning.
    """

    version: int
    holder: bytes
    giver: bytes
    fact: bytes


_FIRST: Final = Authority(0, OFFICE, OFFICE, b"")


def fold(cells: Cells, record: Record, role: Role) -> None:
    """Take a hand-over, or note under which version something was lent; leave others alone."""
    by = OFFICE if role is Role.OFFICE else bytes(record.terminal)
    body = record.body
    if isinstance(body, AuthorityHanded):
        _fold_hand_over(cells, _Said(body.version, record.id, by, body.to or OFFICE))
    elif isinstance(body, Allotted) and (by != OFFICE or body.authority):
        _fold_lent(cells, record.id, body.authority or 0, by)


def authority(cells: Cells) -> Authority:
    """Return who is the authority as far as was heard."""
    return _chain(_said(cells), cells)[-1]


def history(cells: Cells) -> list[Authority]:
    """Return who was the authority, version by version from 0 on."""
    return _chain(_said(cells), cells)


def is_authority(cells: Cells, holder: bytes) -> bool:
    """Tell whether the office (`OFFICE`) or a hub (its terminal id) is the authority."""
    return authority(cells).holder == holder


def must_be_read(cells: Cells) -> bytes | None:
    """Return whose store the authority must have read to its end before it lends, or None.

    That is who gave it the authority, after the hand-over was stated: so it knows what was lent and
    sold before. Nobody waits for a hub that was revoked.
    """
    now = authority(cells)
    is_lost = now.giver != OFFICE and is_revoked(cells, now.giver)
    return None if is_lost or now.giver == now.holder else now.giver


def under(cells: Cells, part: Allotted) -> Allotted:
    """Return what is to be lent with the version under which it is; none stands for 0."""
    return replace(part, authority=authority(cells).version or None)


def hand_over(cells: Cells, to: bytes) -> AuthorityHanded:
    """Return the fact by which the holder gives the authority to the office or a hub."""
    return AuthorityHanded(authority(cells).version + 1, to or None)


def _said(cells: Cells) -> list[_Said]:
    return [_Said(*row) for row in cells.get(_CHAIN_KEY) or ()]


def _followers(last: Authority, said: list[_Said], cells: Cells) -> list[_Said]:
    """Return the hand-overs that may follow a version, the one that counts first."""
    is_lost = last.holder != OFFICE and is_revoked(cells, last.holder)
    may = {last.holder, OFFICE} if is_lost else {last.holder}
    found = [one for one in said if one.version == last.version + 1 and one.by in may]
    return sorted(found, key=lambda one: (is_lost and one.by != OFFICE, one.fact))


def _chain(said: list[_Said], cells: Cells) -> list[Authority]:
    steps = [_FIRST]
    while found := _followers(steps[-1], said, cells):
        one = found[0]
        steps.append(Authority(one.version, one.to, one.by, one.fact))
    return steps


def _fold_hand_over(cells: Cells, new: _Said) -> None:
    """Add to what was said, and to what follows from it: the chain and the findings."""
    before = _said(cells)
    after = sorted({*before, new})
    known = dict(_findings(before, cells))
    cells.set(_CHAIN_KEY, tuple(tuple(one) for one in after))
    found = dict(_findings(after, cells))
    for key in known.keys() - found.keys():
        settle(cells, Area.OFFICE, *key)
    for conflict in found.values():
        declare(cells, conflict)


def _findings(
    said: list[_Said], cells: Cells
) -> Iterator[tuple[tuple[ConflictKind, str], Conflict]]:
    """Yield what is wrong with a set of hand-overs, and with what was lent under its versions."""
    chain = _chain(said, cells)
    strangers: dict[str, list[bytes]] = {}
    for last in chain:
        found = _followers(last, said, cells)
        if len({one.to for one in found}) > 1:
            facts = [one.fact for one in found]
            yield _finding(ConflictKind.TWO_AUTHORITIES, f"authority {last.version + 1}", facts)
        for one in said:
            if one.version == last.version + 1 and one not in found:
                strangers.setdefault(f"authority {one.by.hex() or 'office'}", []).append(one.fact)
    for subject, facts in strangers.items():
        yield _finding(ConflictKind.UNAUTHORISED_FACT, subject, facts)
    for key, (count, fact) in cells.items(Area.OFFICE, CellKind.LENT_UNDER):
        version = int.from_bytes(key.key[:_VERSION_BYTES], "big")
        by = key.key[_VERSION_BYTES:]
        if version < len(chain) and chain[version].holder != by:
            subject = _lender(version, by)
            yield _finding(ConflictKind.LENT_WITHOUT_AUTHORITY, subject, [fact], count)


def _finding(
    kind: ConflictKind, subject: str, facts: list[bytes], *details: int
) -> tuple[tuple[ConflictKind, str], Conflict]:
    return (kind, subject), Conflict(Area.OFFICE, kind, subject, tuple(facts), details)


def _lender(version: int, by: bytes) -> str:
    return f"version {version} {by.hex() or 'office'}"


def _fold_lent(cells: Cells, fact: bytes, version: int, by: bytes) -> None:
    """Count what was lent under a version by a lender, and see whether it held that version."""
    key = CellKey(Area.OFFICE, CellKind.LENT_UNDER, version.to_bytes(_VERSION_BYTES, "big") + by)
    count, lowest = cells.get(key) or (0, fact)
    count, lowest = count + 1, min(lowest, fact)
    cells.set(key, (count, lowest))
    chain = history(cells)
    if version < len(chain) and chain[version].holder != by:
        kind = ConflictKind.LENT_WITHOUT_AUTHORITY
        declare(cells, _finding(kind, _lender(version, by), [lowest], count)[1])
