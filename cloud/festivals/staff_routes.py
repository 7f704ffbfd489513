"""`/api/v1/festivals/{festival}/staff`: who may work at terminals, with a badge and a PIN."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from cloud.accounts.access import organisers
from cloud.api.call import Call
from cloud.api.models import Page, PageQuery
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.clock_and_chance import random_bytes
from cloud.festivals import keys
from cloud.festivals.catalogue import after_number, mismatch
from cloud.festivals.models import NewStaff, RightWord, Staff, StaffPost, StaffPut
from cloud.festivals.stating import do, stated
from cloud.limits import PINS_AT_ONCE_MAX
from cloud.office import Office
from cloud.store.look import Look
from sync import catalogue
from sync.facts import Right, StaffSet
from sync.keys import PIN_SALT_BYTES, pin_proof

ROUTES: Final = Routes("festivals")
_EVERY: Final = f"{API}/festivals/{{festival}}/staff"
_ONE: Final = f"{_EVERY}/{{badge}}"
_READ: Final = organisers("terminals:read")
_WRITE: Final = organisers("terminals:write")
_BADGE_BYTES: Final = 8
_SLOW: Final = ThreadPoolExecutor(PINS_AT_ONCE_MAX, thread_name_prefix="pins")


@ROUTES.get(_EVERY, may=_READ)
async def list_staff(call: Call, query: PageQuery) -> Page[Staff]:
    """List who may work at terminals, and who might once, in the order of badges."""
    start = after_number(query.after)

    def see(seen: Look) -> Page[Staff]:
        found = [_shown(one) for one in catalogue.all_staff(seen.cells) if one.badge > start]
        part = found[: query.limit]
        return Page[Staff](items=part, next=part[-1].badge if len(found) > len(part) else None)

    return await call.desk.look(see)


@ROUTES.post(_EVERY, may=_WRITE, status=201)
async def make_staff(call: Call, body: StaffPost) -> NewStaff:
    """Name a new member of staff; the badge's serial is drawn at random.

    The answer's `code` is what to print on the badge as a QR code. It is told only this once.
    """
    badge = int.from_bytes(random_bytes(_BADGE_BYTES), "big")
    proof = await _proof(body.pin)

    def job(office: Office) -> NewStaff | Problem:
        code = keys.badge_code(office.folder, office.cells, badge)
        if code is None:
            return Problem(409, "No key signs codes. Make one first.", "no_key")
        result = stated(office, [_row(badge, body, proof)])
        if isinstance(result, Problem):
            return result
        shown = _known(office, badge)
        return NewStaff(**shown.model_dump(), code=code)

    return NewStaff.model_validate(await do(call, job))


@ROUTES.get(_ONE, may=_READ)
async def show_staff(call: Call) -> Staff:
    """Show a member of staff; the answer's `ETag` is for `If-Match`."""
    badge = call.places["badge"]
    found = await call.desk.look(lambda seen: catalogue.staff(seen.cells, badge))
    if found is None:
        raise _unknown()
    return _shown(found)


@ROUTES.put(_ONE, may=_WRITE)
async def put_staff(call: Call, body: StaffPut) -> Staff:
    """Name the member of staff with this badge, or change what they may do or their PIN.

    For a badge that is not known yet a PIN is needed. With `If-Match` it is changed only if it is
    still what that tag was read with (412 if not).
    """
    badge = call.places["badge"]
    proof = None if body.pin is None else await _proof(body.pin)

    def job(office: Office) -> Any:
        known = catalogue.staff(office.cells, badge)
        wrong = mismatch(call.request, None if known is None else _shown(known))
        if wrong is not None:
            return wrong
        if known is None and proof is None:
            faults = [{"where": "pin", "what": "is needed for a new badge"}]
            return Problem(422, "A new badge needs a PIN.", "invalid", faults=faults)
        result = stated(office, [_row(badge, body, proof)])
        return result if isinstance(result, Problem) else _known(office, badge)

    return Staff.model_validate(await do(call, job))


@ROUTES.delete(_ONE, may=_WRITE)
async def delete_staff(call: Call) -> None:
    """Take all rights away from a badge; what its holder did stays theirs."""
    badge = call.places["badge"]

    def job(office: Office) -> Problem | None:
        known = catalogue.staff(office.cells, badge)
        if known is None:
            return _unknown()
        wrong = mismatch(call.request, _shown(known))
        if wrong is not None:
            return wrong
        rows = [{"kind": "staff", "badge": badge, "rights": 0}] if known.rights else []
        result = stated(office, rows)
        return result if isinstance(result, Problem) else None

    await do(call, job)


async def _proof(pin: str) -> bytes:
    """Return the slow proof of a PIN, made beside the writer, a few at a time."""
    loop, salt = asyncio.get_running_loop(), random_bytes(PIN_SALT_BYTES)
    return await loop.run_in_executor(_SLOW, pin_proof, pin, salt)


def _row(badge: int, body: StaffPut, proof: bytes | None) -> dict[str, Any]:
    rights = sum({int(Right[word.name]) for word in body.rights})
    row: dict[str, Any] = {"kind": "staff", "badge": badge, "label": body.call_sign}
    pin = {} if proof is None else {"pin": proof.hex()}
    return row | {"rights": rights} | pin


def _known(office: Office, badge: int) -> Staff:
    found = catalogue.staff(office.cells, badge)
    if found is None:
        message = f"badge {badge} was stated and is not known"
        raise LookupError(message)
    return _shown(found)


def _shown(one: StaffSet) -> Staff:
    words = [word for word in RightWord if one.rights & Right[word.name]]
    return Staff(
        badge=str(one.badge), call_sign=one.label, rights=words, has_pin=one.pin is not None
    )


def _unknown() -> Problem:
    return Problem(404, "Nobody has this badge.", "not_found")
