"""The API for phones and connected handhelds that scan, the log of scans, and the online gates."""

from typing import Final

from cloud.access.known import BOOK_OF_TICKETS
from cloud.access.log import Wanted, scans
from cloud.access.models import (
    OnlineGate,
    OnlineGates,
    OnlineGateWish,
    ScanAnswer,
    ScanConfirm,
    ScanQuery,
    ScanRequest,
    ScanRow,
    ScanUndo,
)
from cloud.access.opening import show
from cloud.access.service import Confirmation, OnlineScans, Scan
from cloud.accounts.access import Scope, staff
from cloud.api.call import Answer, Call
from cloud.api.models import Page
from cloud.api.problems import Problem
from cloud.api.routes import Routes
from cloud.clock_and_chance import random_bytes
from cloud.desk import Desk
from cloud.festivals.service import state
from cloud.festivals.sight import Sight, sight_of
from cloud.festivals.sorts import missing
from cloud.festivals.statements import BadStatement
from cloud.festivals.ticket_types import TICKET_TYPES
from cloud.festivals.zones import ZONES
from cloud.limits import ONLINE_GATES_MAX
from cloud.office import Office
from cloud.store.look import Look
from sync import catalogue
from sync.admission import Direction
from sync.cells import Cells
from sync.facts import GateSet
from sync.names import ID_BYTES, FactId
from sync.online_gates import online_gate_id

ROUTES: Final = Routes("access")
_OK: Final = 200
_NUMBER_DIGITS_MAX: Final = 5
_GATES: Final = "/api/v1/festivals/{festival}/online-gates"


@ROUTES.post("/api/v1/scan/request", may=staff("scan:write"))
async def request_scan(call: Call, body: ScanRequest) -> Answer[ScanAnswer]:
    """Judge a code or a typed number: the first of two steps, or both at once.

    The members are those of a gate's own scan API. In two steps nothing is recorded but a refusal;
    confirm the session before it ends. With `one_step` what needs no answer is recorded at once.
    """
    desk = _desk(call, body.festival)
    scan = Scan(
        principal=call.who.id,
        session=random_bytes(ID_BYTES),
        shown=None if body.text is None else show(body.text, desk.seen_keys, desk.festival),
        serial=None if body.serial is None else int(body.serial),
        gate=body.gate,
        zone=body.zone,
        direction=Direction(body.direction),
        guests=body.guests,
        is_one_step=body.one_step,
        is_peek=body.peek,
    )
    return Answer(_OK, await call.do(lambda o: _scans(call, desk, o).request(scan), desk))


@ROUTES.post("/api/v1/scan/confirm", may=staff("scan:write"))
async def confirm_scan(call: Call, body: ScanConfirm) -> Answer[ScanAnswer]:
    """Take the human's answer: judge again and record, exactly once for each session.

    A repeat is answered with the same bytes.
    """
    desk = _desk(call, body.festival)
    asked = Confirmation(
        principal=call.who.id,
        session=bytes.fromhex(body.session),
        next_session=random_bytes(ID_BYTES),
        direction=None if body.direction is None else Direction(body.direction),
        gate=body.gate,
        guests=body.guests,
        is_yes=body.yes,
    )
    return Answer(_OK, await call.do(lambda o: _scans(call, desk, o).confirm(asked), desk))


@ROUTES.post("/api/v1/scan/undo", may=staff("scan:write"))
async def undo_scan(call: Call, body: ScanUndo) -> Answer[ScanAnswer]:
    """Take back what was recorded at an online gate by mistake, for as long as the policy allows.

    An exit from a zone with a capacity is taken back only while its place is certainly free.
    """
    desk = _desk(call, body.festival)
    fact = FactId(bytes.fromhex(body.fact))
    serial = None if body.serial is None else int(body.serial)
    job = await call.do(lambda o: _scans(call, desk, o).undo(fact, serial), desk)
    return Answer(_OK, job)


@ROUTES.get("/api/v1/festivals/{festival}/scans", may=staff("scan:read"))
async def list_scans(call: Call, query: ScanQuery) -> Page[ScanRow]:
    """List what was scanned, at one gate or at all, the newest arrivals first.

    Boxes are in it as far as they were heard. A page may hold fewer rows than `limit` and still
    have a `next`. `since` is compared with the time that the gate's clock showed.
    """
    gate = None if query.gate is None else _gate_id(call.festival, query.gate)
    wanted = Wanted(gate, query.outcome, query.since)
    before = None if query.after is None else int(query.after)
    rows, more = await call.desk.look(lambda seen: scans(seen, wanted, before, query.limit))
    following = None if more is None else str(more)
    return Page[ScanRow](items=[ScanRow.of(row) for row in rows], next=following)


@ROUTES.get(_GATES, may=staff("scan:read"))
async def list_online_gates(call: Call) -> OnlineGates:
    """List the online gates: for each phones scan, and no box stands there."""
    return await call.desk.look(_online_gates)


@ROUTES.put(f"{_GATES}/{{online_gate}}", may=staff("festivals:write"))
async def set_online_gate(call: Call, body: OnlineGateWish) -> OnlineGate:
    """Make an online gate, or change its name, zone and types.

    It stays what it is for what was scanned there before.
    """
    number = int(call.places["online_gate"])
    row = {"kind": "online_gate", "online": number, **body.model_dump()}

    def job(office: Office) -> OnlineGate | Problem:
        wrong = _misplaced(sight_of(office), body)
        if wrong is not None:
            return wrong
        known = catalogue.gates(office.cells, online=True)
        if len(known) >= ONLINE_GATES_MAX and number not in {gate.online for gate in known}:
            return Problem(409, f"There are {ONLINE_GATES_MAX} online gates already.", "too_many")
        said = state(office, [row])
        if isinstance(said, BadStatement):
            return Problem(409, f"{said}", "not_stated")
        gate = catalogue.gate_of(office.cells, online_gate_id(call.festival, number))
        if gate is None:
            message = "the gate was stated and is not there"
            raise RuntimeError(message)
        return _shown(office.cells, gate)

    return await call.do(job)


def _misplaced(sight: Sight, body: OnlineGateWish) -> Problem | None:
    """Refuse a zone or a ticket type that is not there, or was deleted."""
    zones = missing(ZONES, sight, "zone", [body.zone])
    faults = zones + missing(TICKET_TYPES, sight, "types", body.types)
    if not faults:
        return None
    title = f"The online gate cannot be so: {faults[0]['where']}: {faults[0]['what']}."
    return Problem(422, title, "no_zone" if zones else "no_ticket_type", faults=faults)


def _scans(call: Call, desk: Desk, office: Office) -> OnlineScans:
    return OnlineScans(office, call.who.id, desk.seen_keys, BOOK_OF_TICKETS)


def _desk(call: Call, festival: int | None) -> Desk:
    """Return the desk of the festival that is named, or of the only one that is reached."""
    if festival is None:
        reached = call.who.festivals or frozenset()
        if len(reached) != 1:
            raise Problem(422, "Say which festival.", "festival_needed")
        (festival,) = reached
    return call.reach(festival, Scope.SCAN_WRITE)


def _gate_id(festival: int, named: str) -> bytes:
    if len(named) <= _NUMBER_DIGITS_MAX:
        return online_gate_id(festival, int(named))
    return bytes.fromhex(named)


def _online_gates(seen: Look) -> OnlineGates:
    gates = catalogue.gates(seen.cells, online=True)
    shown = [_shown(seen.cells, gate) for gate in gates]
    return OnlineGates(items=sorted(shown, key=lambda gate: gate.online))


def _shown(cells: Cells, gate: GateSet) -> OnlineGate:
    zone = catalogue.zone(cells, gate.zone)
    return OnlineGate(
        online=gate.online or 0,
        gate=gate.terminal.hex(),
        name=gate.name,
        zone=gate.zone,
        zone_name=f"Zone {gate.zone}" if zone is None else zone.name,
        types=list(gate.types),
    )
