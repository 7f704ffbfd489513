"""What an organiser or technician may have the office state, as rows that come from outside.

A row names a `kind` and its fields; what it leaves out keeps the value that was stated last. The
version comes from the cells, one above what is there, so whoever speaks last is heard everywhere.
Every row is read strictly: `BadStatement` names the field, and nothing is stated.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cloud.cashless.hand_over import NotHanded, given_to, taken_back
from cloud.festivals.price_list import trouble_with_windows
from cloud.festivals.quota_rows import quota, write_off, written_off
from cloud.festivals.rows import (
    BadStatement,
    Row,
    Situation,
    changed_by,
    number_of,
    only_these,
    terminal_of,
)
from cloud.limits import REVOKED_RUNS_IN_FACT_MAX
from sync import catalogue
from sync.body import Body, body_map
from sync.catalogue import UNLIMITED_POLICY, Policy, Setting
from sync.cells import CellKey, CellKind
from sync.certificates import Subject, read_certificate
from sync.facts import (
    CertificateIssued,
    GateSet,
    KeyRetired,
    PolicySet,
    ProductSet,
    StaffSet,
    TerminalRevoked,
    TicketStatus,
    TicketStatusSet,
    TypeSet,
    VoucherSet,
    ZoneSet,
)
from sync.names import Area
from sync.online_gates import online_gate_id
from sync.schema import Misshapen

__all__ = ["BadStatement", "Situation", "bodies_of"]

STATUS_ROWS_IN_FACT: Final = 150
SERIALS_MAX: Final = 10_000


def bodies_of(situation: Situation, row: object) -> list[Body]:
    """Return the facts that a row asks for, each checked to fit; `BadStatement` if it cannot be."""
    if not isinstance(row, dict):
        message = "a statement is an object with a kind and its fields"
        raise BadStatement(message)
    make = _KINDS.get(str(row.get("kind")))
    if make is None:
        message = f"kind must be one of {', '.join(sorted(_KINDS))}"
        raise BadStatement(message)
    fields = {name: value for name, value in row.items() if name != "kind"}
    try:
        bodies = make(situation, fields)
        for body in bodies:
            body_map(body)
    except Misshapen as trouble:
        raise BadStatement(str(trouble)) from trouble
    except (TypeError, OverflowError) as trouble:
        message = f"{row['kind']}: a field has a value of the wrong sort"
        raise BadStatement(message) from trouble
    return bodies


def _zone(situation: Situation, row: Row) -> list[Body]:
    number = number_of(row, "zone")
    known = catalogue.zone(situation.cells, number) or ZoneSet(number, 0, f"Zone {number}", None)
    return [changed_by(known, row)]


def _type(situation: Situation, row: Row) -> list[Body]:
    number = number_of(row, "type")
    fresh = TypeSet(
        type=number,
        version=0,
        name=f"Type {number}",
        allow_reentry=True,
        usage_limit=0,
        daily_limit=0,
        cooldown_minutes=0,
        exit_required=True,
        zones=(),
        window=(),
        group_max=1,
    )
    return [changed_by(catalogue.ticket_type(situation.cells, number) or fresh, row)]


def _product(situation: Situation, row: Row) -> list[Body]:
    number = number_of(row, "product")
    fresh = ProductSet(
        product=number,
        version=0,
        name=f"Product {number}",
        category="",
        price=0,
        vat=0,
        deposit=0,
        age=0,
        on_sale=True,
    )
    # A list of nothing is the same as none, and is stated as the shorter of the two.
    values = row | {name: None for name in ("windows", "bars") if row.get(name) == []}
    changed = changed_by(catalogue.product(situation.cells, number) or fresh, values)
    body_map(changed)
    windows = changed.windows if isinstance(changed, ProductSet) else ()
    trouble = trouble_with_windows(windows or ())
    if trouble:
        message = f"product {number}: {trouble}"
        raise BadStatement(message)
    return [changed]


def _voucher(situation: Situation, row: Row) -> list[Body]:
    number = number_of(row, "voucher")
    fresh = VoucherSet(number, 0, f"Voucher {number}", 0, ())
    return [changed_by(catalogue.voucher(situation.cells, number) or fresh, row)]


def _policy(situation: Situation, row: Row) -> list[Body]:
    """Change single limits (minor units, seconds, minutes; -1 is without), or take all limits."""
    known = catalogue.policy(situation.cells)
    names = {setting.name.lower() for setting in Setting}
    values: dict[str, int] = {}
    if row.get("replay") is True:
        free = {name: getattr(UNLIMITED_POLICY, name) for name in names}
        values = {name: value for name, value in free.items() if value == catalogue.UNLIMITED}
    given = only_these(row, "settings", "replay").get("settings", {})
    if not isinstance(given, dict):
        message = "policy: settings must be an object of names and values"
        raise BadStatement(message)
    for name, value in given.items():
        if name not in names or type(value) is not int:
            message = f"policy: {name} must be one of {', '.join(sorted(names))}, a whole number"
            raise BadStatement(message)
        values[name] = value
    limits = replace(known, **values)
    _judge_limits(limits)
    return [PolicySet(known.version + 1, catalogue.settings_of(limits))]


def _judge_limits(limits: Policy) -> None:
    for setting in Setting:
        value = getattr(limits, setting.name.lower())
        if value < catalogue.UNLIMITED:
            message = f"policy: {setting.name.lower()} is -1 (without limit), 0 or more"
            raise BadStatement(message)


def _gate(situation: Situation, row: Row) -> list[Body]:
    row = only_these(row, "terminal", "name", "zone", "types")
    known = catalogue.gate_of(situation.cells, terminal_of(situation, row))
    if known is None:
        message = f"gate: {row['terminal']!r} is not a gate"
        raise BadStatement(message)
    return [changed_by(known, row, "terminal")]


def _online_gate(situation: Situation, row: Row) -> list[Body]:
    """Make or change an online gate, at which the office judges for phones: `online` numbers it."""
    row = only_these(row, "online", "name", "zone", "types")
    number = number_of(row, "online")
    terminal = online_gate_id(situation.festival, number)
    fresh = GateSet(terminal, 0, f"Phones {number}", 0, (), number)
    return [changed_by(catalogue.gate_of(situation.cells, terminal) or fresh, row, "online")]


def _bar(situation: Situation, row: Row) -> list[Body]:
    known = catalogue.bar_of(situation.cells, terminal_of(situation, row))
    if known is None:
        message = f"bar: {row['terminal']!r} is not a bar"
        raise BadStatement(message)
    return [changed_by(known, row, "terminal")]


def _staff(situation: Situation, row: Row) -> list[Body]:
    """Name a member of staff; the PIN comes as its proof in hex, the PIN itself never does."""
    number = row.get("badge")
    if type(number) is not int or not 0 <= number < 1 << 64:
        message = "staff: badge must be a whole number of at most 64 bits"
        raise BadStatement(message)
    known = catalogue.staff(situation.cells, number)
    if known is None and not {"label", "rights"} <= set(row):
        message = f"staff: nobody has the badge {number}; a new one needs label and rights"
        raise BadStatement(message)
    values = dict(row)
    if isinstance(row.get("pin"), str):
        try:
            values["pin"] = bytes.fromhex(row["pin"])
        except ValueError as trouble:
            message = "staff: pin must be the proof of a PIN in hex"
            raise BadStatement(message) from trouble
    return [changed_by(known or StaffSet(number, 0, "", 0, None), values)]


def _status(situation: Situation, row: Row) -> list[Body]:
    """Set the status of tickets; `replaced_by` only goes with one serial."""
    row = only_these(row, "serials", "status", "replaced_by")
    serials, new = row.get("serials"), row.get("replaced_by")
    if not isinstance(serials, list) or not 0 < len(serials) <= SERIALS_MAX:
        message = f"status: serials must be a list of 1 to {SERIALS_MAX} numbers"
        raise BadStatement(message)
    try:
        status = TicketStatus[str(row.get("status")).upper()]
    except KeyError as trouble:
        message = f"status: must be one of {', '.join(s.name.lower() for s in TicketStatus)}"
        raise BadStatement(message) from trouble
    if (status is TicketStatus.REPLACED) != (new is not None) or (new is not None) > (
        len(serials) == 1
    ):
        message = "status: replaced names one serial and, as replaced_by, the one in its place"
        raise BadStatement(message)
    rows = []
    for serial in serials:
        if type(serial) is not int or not 0 <= serial < 1 << 64:
            message = "status: a serial is a whole number of at most 64 bits"
            raise BadStatement(message)
        known = catalogue.status(situation.cells, serial)
        rows.append((serial, int(status), 1 if known is None else known.version + 1, new))
    parts = range(0, len(rows), STATUS_ROWS_IN_FACT)
    return [TicketStatusSet(tuple(rows[at : at + STATUS_ROWS_IN_FACT])) for at in parts]


def _certificate(situation: Situation, row: Row) -> list[Body]:
    """Make an issuing key known; only this office's own certificates are stated."""
    try:
        content = bytes.fromhex(only_these(row, "certificate")["certificate"])
    except (KeyError, ValueError) as trouble:
        message = "certificate: must be hex"
        raise BadStatement(message) from trouble
    found = read_certificate(content, situation.office_key, situation.festival)
    if found is None or found.subject is not Subject.ISSUING_KEY:
        message = "certificate: this office did not certify an issuing key with it"
        raise BadStatement(message)
    known = situation.cells.get(CellKey(Area.OFFICE, CellKind.KEY, found.holder))
    if known is not None and known[1] not in {b"", found.key.raw}:
        message = f"certificate: the key id {found.holder[0]} is another key's"
        raise BadStatement(message)
    return [CertificateIssued(content)]


def _retire(situation: Situation, row: Row) -> list[Body]:
    number = number_of(only_these(row, "key_id"), "key_id")
    if number not in catalogue.issuing_keys(situation.cells):
        message = f"retire: there is no issuing key {number} in use"
        raise BadStatement(message)
    return [KeyRetired(number)]


def _revoke(situation: Situation, row: Row) -> list[Body]:
    """Believe a terminal no further than its journal is held here."""
    row = only_these(row, "terminal", "write_off")
    terminal = terminal_of(situation, row)
    runs = situation.runs_of(terminal)
    parts = range(0, max(1, len(runs)), REVOKED_RUNS_IN_FACT_MAX)
    bodies: list[Body] = [
        TerminalRevoked(terminal, tuple(runs[at : at + REVOKED_RUNS_IN_FACT_MAX])) for at in parts
    ]
    if row.get("write_off") is True:
        bodies += written_off(situation.cells, terminal)
    return bodies


def _authority(situation: Situation, row: Row) -> list[Body]:
    """Give the authority to a hub (`to`), or take it back from one that was revoked."""
    row = only_these(row, "to", "take_back")
    try:
        if row == {"take_back": True}:
            return [taken_back(situation.cells)]
        if "take_back" in row:
            message = "authority: to names a hub, or take_back is true"
            raise BadStatement(message)
        hub = terminal_of(situation, {"terminal": row.get("to")})
        return [given_to(situation.cells, hub, is_ready=situation.is_ready)]
    except NotHanded as trouble:
        message = f"authority: {trouble}"
        raise BadStatement(message) from trouble


_KINDS: Final[dict[str, Callable[[Situation, Row], list[Body]]]] = {
    "zone": _zone,
    "type": _type,
    "product": _product,
    "voucher": _voucher,
    "policy": _policy,
    "gate": _gate,
    "online_gate": _online_gate,
    "bar": _bar,
    "staff": _staff,
    "status": _status,
    "certificate": _certificate,
    "retire": _retire,
    "revoke": _revoke,
    "write_off": write_off,
    "quota": quota,
    "authority": _authority,
}
