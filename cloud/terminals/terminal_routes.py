"""`/api/v1/festivals/{festival}/terminals`: letting boxes in, moving them, giving them up."""

import asyncio
from typing import Final

from cloud.accounts.access import Role, organisers, staff
from cloud.api.call import Call
from cloud.api.models import Page, PageQuery
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.cashless import hand_over
from cloud.dashboard.queries import recovery
from cloud.festivals.catalogue import part_of
from cloud.festivals.quota_rows import written_off
from cloud.festivals.rows import Row
from cloud.festivals.stating import do, stated, who
from cloud.mounting import FESTIVALS_PREFIX
from cloud.office import Office
from cloud.terminals import placing
from cloud.terminals.models import (
    Authority,
    Code,
    CodePost,
    HandOver,
    Recovery,
    Revocation,
    Terminal,
    TerminalPatch,
    WriteOff,
    WrittenOff,
)
from provisioning.enrolment import CODE_LIFE_S
from sync.catalogue import is_revoked

ROUTES: Final = Routes("terminals")
_FESTIVAL: Final = f"{API}/festivals/{{festival}}"
_EVERY: Final = f"{_FESTIVAL}/terminals"
_ONE: Final = f"{_EVERY}/{{terminal}}"
_READ: Final = staff("terminals:read")
_TECHNICIANS: Final = staff("terminals:write", Role.ORGANISER, Role.TECHNICIAN)
_ORGANISERS: Final = organisers("terminals:write")
_MS: Final = 1_000


@ROUTES.get(_EVERY, may=_READ)
async def list_terminals(call: Call, query: PageQuery) -> Page[Terminal]:
    """List the terminals with how lately each was heard, by role and name."""
    found = await _listed(call)
    items, following = part_of(found, [one.terminal for one in found], query)
    return Page[Terminal](items=items, next=following)


@ROUTES.get(_ONE, may=_READ)
async def show_terminal(call: Call) -> Terminal:
    """Show a terminal: where it stands, how lately it was heard, how much of it is here."""
    return await _shown(call)


@ROUTES.post(f"{_EVERY}/codes", may=_TECHNICIANS, status=201)
async def make_code(call: Call, body: CodePost) -> Code:
    """Make a code with which one new box can enrol, within 15 minutes.

    A gate names a zone or a gate, a till a bar; they must have been made before. Run on the box:
    `./guichet provision enrol DIR --office URL --code CODE`.
    """
    desk = call.desk
    place = await desk.look(placing.place_of(body))
    if isinstance(place, Problem):
        raise place
    made = await asyncio.to_thread(placing.make_code, desk, body, place)
    if isinstance(made, Problem):
        raise made
    code, terminal = made
    if body.gate is not None:
        await call.do(placing.put_at_gate(terminal, body.gate, who(call)))
    path = f"{FESTIVALS_PREFIX}/{call.festival}"
    return Code(
        code=code.text,
        role=body.role,
        name=body.name,
        ends_ms=desk.now_ms() + CODE_LIFE_S * _MS,
        office_path=path,
        office_url=f"{call.request.scheme}://{call.request.host}{path}",
    )


@ROUTES.patch(_ONE, may=_TECHNICIANS)
async def change_terminal(call: Call, body: TerminalPatch) -> Terminal:
    """Rename a terminal, or move it to another gate, zone or bar; it hears of it at once."""
    await do(call, placing.move(_id(call), body, who(call)))
    return await _shown(call)


@ROUTES.post(f"{_ONE}/revoke", may=_ORGANISERS)
async def revoke_terminal(call: Call, body: Revocation) -> WrittenOff:
    """Believe a terminal no further than its journal is here; for boxes that were lost or stolen.

    What it did until now counts, what comes later does not. For good. A terminal that is revoked
    already stays so; what it holds can still be written off.
    """
    terminal = _id(call)

    def job(office: Office) -> WrittenOff | Problem:
        if placing.role_of(office.cells, terminal) is None:
            return placing.unknown()
        row: Row = {"terminal": terminal.hex()}
        if not is_revoked(office.cells, terminal):
            row |= {"kind": "revoke", "write_off": body.write_off}
        elif not body.write_off or not written_off(office.cells, terminal):
            return WrittenOff(units=0, minor=0)
        else:
            row |= {"kind": "write_off"}
        return _written_off(office, row)

    return WrittenOff.model_validate(await do(call, job))


@ROUTES.post(f"{_ONE}/write-off", may=_ORGANISERS)
async def write_off_terminal(call: Call, body: WriteOff) -> WrittenOff:
    """Take back what a terminal holds that will not come back, without revoking it.

    Of one zone, ticket type, voucher or product, or of everything and every wallet. While the
    office recovers, a terminal that is written off whole is waited for no longer. Refused (422) if
    it holds nothing.
    """
    terminal = _id(call)
    named = body.model_dump(mode="json", exclude_none=True)

    def job(office: Office) -> WrittenOff | Problem:
        if placing.role_of(office.cells, terminal) is None:
            return placing.unknown()
        return _written_off(office, {"kind": "write_off", "terminal": terminal.hex()} | named)

    return WrittenOff.model_validate(await do(call, job))


@ROUTES.get(f"{_FESTIVAL}/authority", may=_READ)
async def show_authority(call: Call) -> Authority:
    """Show who lends places and money: the office, or a hub on the site."""
    told = await call.desk.look(lambda seen: hand_over.told(seen.cells))
    return Authority(**told)


@ROUTES.post(f"{_FESTIVAL}/authority/hand-over", may=_ORGANISERS)
async def hand_authority_over(call: Call, body: HandOver) -> Authority:
    """Give the authority to a hub, where the site has no internet.

    From then on the office sells and lends nothing until the hub hands back.
    """
    return await _hand(call, {"kind": "authority", "to": body.terminal})


@ROUTES.post(f"{_FESTIVAL}/authority/take-back", may=_ORGANISERS)
async def take_authority_back(call: Call) -> Authority:
    """Take the authority back from a hub that was lost, after it was revoked."""
    return await _hand(call, {"kind": "authority", "take_back": True})


@ROUTES.get(f"{_FESTIVAL}/recovery", may=_READ)
async def show_recovery(call: Call) -> Recovery:
    """Show whether the office was put back to an older copy, and for which terminals it waits."""
    return Recovery(**await call.desk.look(recovery))


def _written_off(office: Office, row: Row) -> WrittenOff | Problem:
    result = stated(office, [row])
    if isinstance(result, Problem):
        return result
    return WrittenOff(units=result["units_written_off"], minor=result["minor_written_off"])


async def _hand(call: Call, row: Row) -> Authority:
    def job(office: Office) -> Authority | Problem:
        result = stated(office, [row])
        if isinstance(result, Problem):
            return Problem(409, result.title, "not_handed")
        return Authority(**hand_over.told(office.cells))

    return Authority.model_validate(await do(call, job))


async def _listed(call: Call) -> list[Terminal]:
    desk = call.desk
    return await desk.look(placing.listed(desk.now_ms()))


async def _shown(call: Call) -> Terminal:
    wanted = str(call.places["terminal"])
    found = next((one for one in await _listed(call) if one.terminal == wanted), None)
    if found is None:
        raise placing.unknown()
    return found


def _id(call: Call) -> bytes:
    return bytes.fromhex(str(call.places["terminal"]))
