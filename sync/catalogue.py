"""What the office says once for all: products, ticket types, zones, policy, statuses, keys, places.

Every subject has a version; the highest wins, and of equal versions the lower fact id, with a
conflict. So the catalogue is the same on every machine whatever the order in which facts came.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import IntEnum
from functools import lru_cache
from typing import Final

from sync.cells import CellKey, CellKind, Cells, counted
from sync.certificates import Subject, peek_certificate
from sync.conflicts import Conflict, ConflictKind, declare, settle
from sync.facts import (
    BarSet,
    Body,
    CertificateIssued,
    GateSet,
    KeyRetired,
    PolicySet,
    ProductSet,
    QuotaSet,
    StaffSet,
    TicketStatus,
    TicketStatusSet,
    TypeSet,
    VoucherSet,
    ZoneSet,
    body_map,
    remembered_body,
)
from sync.journal import Record
from sync.keys import PublicKey
from sync.limits import MONEY_MINOR_MAX
from sync.names import Area, Role

UNLIMITED: Final = -1
_COUNT_KEY: Final = CellKey(Area.OFFICE, CellKind.OFFICE_COUNT, b"")
_POLICY_KEY: Final = CellKey(Area.OFFICE, CellKind.POLICY, b"")


class Setting(IntEnum):
    """The numbers of the settings in a `PolicySet`; never reused."""

    ALONE_LIMIT = 1
    TILL_CAP = 2
    MAX_AGE_SECONDS = 3
    UNKNOWN_WRISTBAND = 4
    TOPUP_CAP = 5
    BALANCE_MAX = 6
    CODE_ONLY_DAILY = 7
    STALE_AFTER_SECONDS = 20
    DAY_BOUNDARY_MINUTES = 21
    SESSION_SECONDS = 22
    UNDO_SECONDS = 23
    AUTO_EXIT = 24
    TWO_STEP = 25
    AUTO_LOCK_SECONDS = 26


@dataclass(frozen=True, slots=True)
class Policy:
    """The organiser's limits: money in minor units; -1 is without limit.

    `stale_after_seconds`: how long a gate may be alone before it refuses (default: it never does
    and marks the admission as provisional after a minute). `two_step`: 1
    where an agent confirms every scan. `auto_lock_seconds`: after how long without a touch a till
    asks for its seller's PIN again; 0 is never.
    """

    alone_limit: int = 5_000
    till_cap: int = 500_000
    max_age_seconds: int = 48 * 3600
    unknown_wristband: int = 0
    topup_cap: int = 100_000
    balance_max: int = 25_000
    code_only_daily: int = 5_000
    stale_after_seconds: int = UNLIMITED
    day_boundary_minutes: int = 360
    session_seconds: int = 10
    undo_seconds: int = 60
    auto_exit: int = 1
    two_step: int = 0
    auto_lock_seconds: int = 300
    version: int = 0


def fold(cells: Cells, record: Record, role: Role) -> None:
    """Take an office fact into the catalogue; other facts are left alone."""
    body = record.body
    if role is Role.OFFICE and body is not None:
        counted(cells, _COUNT_KEY, 1)
    match body:
        case ProductSet():
            _set(cells, record, CellKind.PRODUCT, _u64(body.product), body.version)
        case TypeSet():
            _set(cells, record, CellKind.TICKET_TYPE, _u64(body.type), body.version)
        case ZoneSet():
            _set(cells, record, CellKind.ZONE, _u64(body.zone), body.version)
        case GateSet():
            _set(cells, record, CellKind.GATE, body.terminal, body.version)
        case BarSet():
            _set(cells, record, CellKind.BAR, body.terminal, body.version)
        case StaffSet():
            _set(cells, record, CellKind.STAFF, _u64(body.badge), body.version)
        case VoucherSet():
            _set(cells, record, CellKind.VOUCHER, _u64(body.voucher), body.version)
        case QuotaSet():
            place = _quota_key(body.kind, body.number)
            _set(cells, record, CellKind.QUOTA, place, body.version)
        case PolicySet():
            _set(cells, record, CellKind.POLICY, b"", body.version)
        case TicketStatusSet():
            for row in body.rows:
                _set_status(cells, record, row)
        case CertificateIssued():
            _keep_certificate(cells, body)
        case KeyRetired():
            key = CellKey(Area.OFFICE, CellKind.KEY, bytes([body.key_id]))
            cells.set(key, (True, *(cells.get(key) or (True, b""))[1:]))
        case _:
            pass


def _u64(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _quota_key(kind: int, number: int) -> bytes:
    return bytes([kind]) + _u64(number)


def _set(cells: Cells, record: Record, kind: CellKind, key: bytes, version: int) -> None:
    """Keep the fact under its subject if it is the newest word, or ties and has the lower id.

    The ids of all facts of the newest version stay beside it: more than one is a conflict, until
    a newer version settles it.
    """
    body = record.body
    place = CellKey(Area.OFFICE, kind, key)
    known = cells.get(place)
    if body is None or (known is not None and version < known[0]):
        return
    rivals: tuple[bytes, ...] = (record.id,)
    if known is not None and known[0] == version:
        rivals = tuple(sorted({*known[4], record.id}))
    if rivals[0] == record.id:
        content = tuple(sorted(body_map(body).items()))
        cells.set(place, (version, record.id, body.KIND, content, rivals))
    elif known is not None:
        cells.set(place, (*known[:4], rivals))
    _judge_rivals(cells, f"{kind.name.lower()} {key.hex()}", rivals, clash=len(rivals) > 1)


def _set_status(cells: Cells, record: Record, row: tuple[int, int, int, int | None]) -> None:
    """Keep a ticket's status: final ones before others, then the version, then the lower id."""
    serial, status, version, new = row
    place = CellKey(Area.OFFICE, CellKind.STATUS, _u64(serial))
    rank = (int(status < TicketStatus.CANCELLED), -version)
    mine = (record.id, status, new, record.stamp.physical_ms)
    known = cells.get(place)
    if known is not None and rank > known[0]:
        return
    rivals = {mine}
    if known is not None and rank == known[0]:
        rivals.update(known[1])
    ordered = tuple(sorted(rivals, key=_rival_order))
    cells.set(place, (rank, ordered))
    clash = len({rival[1:3] for rival in ordered}) > 1
    _judge_rivals(cells, f"status {serial}", tuple(r[0] for r in ordered), clash=clash)


def _rival_order(rival: tuple[bytes, int, int | None, int]) -> tuple[bytes, int, int]:
    """Put rivals into one order everywhere, also two rows of one fact about the same ticket."""
    fact, word, new, _ = rival
    return fact, word, -1 if new is None else new


def _judge_rivals(cells: Cells, subject: str, rivals: tuple[bytes, ...], *, clash: bool) -> None:
    kind = ConflictKind.TWO_OFFICE_VERSIONS
    if clash:
        declare(cells, Conflict(Area.OFFICE, kind, subject, rivals))
    else:
        settle(cells, Area.OFFICE, kind, subject)


def _keep_certificate(cells: Cells, body: CertificateIssued) -> None:
    """Remember the key of an issuing certificate, the name of a writer's."""
    certificate = peek_certificate(body.certificate)
    if certificate is None:
        return
    if certificate.subject is Subject.ISSUING_KEY and len(certificate.holder) == 1:
        place = CellKey(Area.OFFICE, CellKind.KEY, certificate.holder)
        retired, known = cells.get(place) or (False, b"")
        cells.set(place, (retired, min(known or certificate.key.raw, certificate.key.raw)))
    elif certificate.subject is Subject.WRITER:
        place = CellKey(Area.OFFICE, CellKind.CERTIFICATE, certificate.holder)
        mine = (certificate.name, int(certificate.role))
        cells.set(place, min(cells.get(place) or mine, mine))


def _one(cells: Cells, kind: CellKind, key: bytes) -> Body | None:
    value = cells.get(CellKey(Area.OFFICE, kind, key))
    return None if value is None else remembered_body(value[2], value[3])


def _every(cells: Cells, kind: CellKind) -> Iterator[Body | None]:
    values = (value for _, value in cells.items(Area.OFFICE, kind))
    return (remembered_body(value[2], value[3]) for value in values)


def product(cells: Cells, number: int) -> ProductSet | None:
    """Return a product of the price list."""
    body = _one(cells, CellKind.PRODUCT, _u64(number))
    return body if isinstance(body, ProductSet) else None


def products(cells: Cells) -> list[ProductSet]:
    """Return the price list in the order of product numbers."""
    return [body for body in _every(cells, CellKind.PRODUCT) if isinstance(body, ProductSet)]


def voucher(cells: Cells, number: int) -> VoucherSet | None:
    """Return a kind of voucher, or None if it is unknown here."""
    body = _one(cells, CellKind.VOUCHER, _u64(number))
    return body if isinstance(body, VoucherSet) else None


def vouchers(cells: Cells) -> list[VoucherSet]:
    """Return every kind of voucher in the order of numbers."""
    return [body for body in _every(cells, CellKind.VOUCHER) if isinstance(body, VoucherSet)]


def quota(cells: Cells, kind: int, number: int) -> QuotaSet | None:
    """Return what was stated of a ticket type's, voucher's or product's quota; zones have none."""
    body = _one(cells, CellKind.QUOTA, _quota_key(kind, number))
    return body if isinstance(body, QuotaSet) else None


def quotas(cells: Cells) -> list[QuotaSet]:
    """Return every quota that was stated, in the order of kinds and numbers."""
    return [body for body in _every(cells, CellKind.QUOTA) if isinstance(body, QuotaSet)]


def ticket_type(cells: Cells, number: int) -> TypeSet | None:
    """Return a ticket type and its rules, or None if it is unknown here."""
    body = _one(cells, CellKind.TICKET_TYPE, _u64(number))
    return body if isinstance(body, TypeSet) else None


def zone(cells: Cells, number: int) -> ZoneSet | None:
    """Return a zone, or None if it is unknown here."""
    body = _one(cells, CellKind.ZONE, _u64(number))
    return body if isinstance(body, ZoneSet) else None


def zones(cells: Cells) -> list[ZoneSet]:
    """Return every zone in the order of numbers."""
    return [body for body in _every(cells, CellKind.ZONE) if isinstance(body, ZoneSet)]


def gate_of(cells: Cells, terminal: bytes) -> GateSet | None:
    """Return where a gate terminal stands."""
    body = _one(cells, CellKind.GATE, terminal)
    return body if isinstance(body, GateSet) else None


def gates(cells: Cells, *, online: bool = False) -> list[GateSet]:
    """Return every gate terminal's place, or every online gate, at which no box stands."""
    found = [body for body in _every(cells, CellKind.GATE) if isinstance(body, GateSet)]
    return [body for body in found if (body.online is not None) == online]


def bar_of(cells: Cells, terminal: bytes) -> BarSet | None:
    """Return which bar a terminal sells for."""
    body = _one(cells, CellKind.BAR, terminal)
    return body if isinstance(body, BarSet) else None


def bars(cells: Cells) -> list[BarSet]:
    """Return every bar terminal's place."""
    return [body for body in _every(cells, CellKind.BAR) if isinstance(body, BarSet)]


def staff(cells: Cells, badge: int) -> StaffSet | None:
    """Return the member of staff with this badge's serial, None if nothing was heard of them."""
    body = _one(cells, CellKind.STAFF, _u64(badge))
    return body if isinstance(body, StaffSet) else None


def all_staff(cells: Cells) -> list[StaffSet]:
    """Return every member of staff in the order of badges."""
    return [body for body in _every(cells, CellKind.STAFF) if isinstance(body, StaffSet)]


def is_revoked(cells: Cells, terminal: bytes) -> bool:
    """Tell whether the office has withdrawn a terminal."""
    known = cells.get(CellKey(Area.OFFICE, CellKind.REVOKED, terminal))
    return bool(known is not None and known[0])


@dataclass(frozen=True, slots=True)
class Status:
    """A ticket's standing: the word, its version, what replaces it, since when (Unix ms)."""

    word: TicketStatus
    version: int
    replaced_by: int | None
    stamp_ms: int


def status(cells: Cells, serial: int) -> Status | None:
    """Return a ticket's standing as last heard, or None if nothing was heard."""
    value = cells.get(CellKey(Area.OFFICE, CellKind.STATUS, _u64(serial)))
    if value is None:
        return None
    rank, rivals = value
    _, word, new, stamp_ms = rivals[0]
    return Status(TicketStatus(word), -rank[1], new, stamp_ms)


def issuing_key(cells: Cells, key_id: int) -> PublicKey | None:
    """Return the key with this id if its codes are taken now."""
    retired, raw = cells.get(CellKey(Area.OFFICE, CellKind.KEY, bytes([key_id]))) or (True, b"")
    return None if retired or not raw else PublicKey(raw)


def issuing_keys(cells: Cells) -> dict[int, PublicKey]:
    """Return the keys whose codes are taken, by key id."""
    return {
        key.key[0]: PublicKey(value[1])
        for key, value in cells.items(Area.OFFICE, CellKind.KEY)
        if not value[0] and value[1]
    }


def office_version(cells: Cells) -> int:
    """Return how many office facts were folded here."""
    count: int = cells.get(_COUNT_KEY) or 0
    return count


def terminal_names(cells: Cells) -> dict[bytes, str]:
    """Return the names of the terminals that the office vouched for."""
    return {k.key: value[0] for k, value in cells.items(Area.OFFICE, CellKind.CERTIFICATE)}


_FIELD_OF: Final = {setting: setting.name.lower() for setting in Setting}
_NAME_OF: Final = {int(setting): name for setting, name in _FIELD_OF.items()}
_A_LIMIT: Final = (UNLIMITED, MONEY_MINOR_MAX)
_SECONDS: Final = (0, 24 * 3600)
_POSSIBLE: Final = {
    int(Setting.DAY_BOUNDARY_MINUTES): (0, 24 * 60 - 1),
    int(Setting.SESSION_SECONDS): _SECONDS,
    int(Setting.UNDO_SECONDS): _SECONDS,
    int(Setting.AUTO_EXIT): (0, 1),
    int(Setting.TWO_STEP): (0, 1),
    int(Setting.AUTO_LOCK_SECONDS): _SECONDS,
}


def policy(cells: Cells) -> Policy:
    """Return the organiser's limits; what was not set, or cannot be, has its default."""
    body = _one(cells, CellKind.POLICY, b"")
    return _policy_of(body) if isinstance(body, PolicySet) else Policy()


@lru_cache(maxsize=64)
def _policy_of(body: PolicySet) -> Policy:
    values = {}
    for number, value in body.settings:
        low, high = _POSSIBLE.get(number, _A_LIMIT)
        if number in _NAME_OF and low <= value <= high:
            values[_NAME_OF[number]] = value
    return Policy(**values, version=body.version)


def settings_of(limits: Policy) -> tuple[tuple[int, int], ...]:
    """Return a policy as the rows of a `PolicySet`."""
    names = {field.name for field in fields(limits)}
    return tuple(
        (int(setting), getattr(limits, name))
        for setting, name in _FIELD_OF.items()
        if name in names
    )


UNLIMITED_POLICY: Final = Policy(
    alone_limit=UNLIMITED,
    till_cap=UNLIMITED,
    max_age_seconds=UNLIMITED,
    unknown_wristband=UNLIMITED,
    topup_cap=UNLIMITED,
    balance_max=UNLIMITED,
    code_only_daily=UNLIMITED,
)
"""For replays of what already happened: nothing is declined."""
