"""Wristbands and vouchers: signed codes that no book holds, because facts tell of their use.

A wristband is known by what it pays, a voucher by being used; both are facts. So these codes are
drawn, signed and given out once, and whoever loses them asks for others.
"""

import asyncio
from typing import Annotated, Final

from pydantic import Field

from cloud.accounts.access import organisers
from cloud.api.call import Call
from cloud.api.models import U16, Given, Taken
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.clock_and_chance import random_bytes
from cloud.desk import Desk
from cloud.festivals.sight import sight_in
from cloud.limits import CODES_GIVEN_MAX
from cloud.store.look import Look
from cloud.tickets.codes import KeyRing, usable_keys
from sync import catalogue
from sync.codes import CodeKind, Ticket, issue
from sync.keys import SecretKey
from sync.short_number import short_number

ROUTES: Final = Routes("codes")
_FESTIVAL: Final = f"{API}/festivals/{{festival}}"
_SERIAL_BYTES: Final = 8
Count = Annotated[int, Field(ge=1, le=CODES_GIVEN_MAX, description="How many codes.")]


class WristbandsWanted(Taken):
    """How many wristbands are to be printed or written."""

    count: Count


class VouchersWanted(Taken):
    """How many vouchers of which kind."""

    voucher: U16
    count: Count


class CodeGiven(Given):
    """One code: what its QR shows, its serial, and the 11 digits that people can type."""

    serial: str
    code: str
    short_number: str


class CodesGiven(Given):
    """New codes; they are given out only now."""

    key_id: int
    items: list[CodeGiven]


@ROUTES.post(f"{_FESTIVAL}/wristbands", may=organisers("tickets:write"), status=201)
async def make_wristbands(call: Call, body: WristbandsWanted) -> CodesGiven:
    """Make codes of new wristbands, each with a wallet of its own that holds nothing yet.

    They are signed by the newest issuing key, kept nowhere, and good at every till at once.
    """
    return await _given(call.desk, CodeKind.WRISTBAND, 0, body.count)


@ROUTES.post(f"{_FESTIVAL}/voucher-codes", may=organisers("tickets:write"), status=201)
async def make_voucher_codes(call: Call, body: VouchersWanted) -> CodesGiven:
    """Make codes of new vouchers of a kind, each good once, while the quota of the kind lasts."""
    number = body.voucher

    def see(seen: Look) -> bool:
        is_known = catalogue.voucher(seen.cells, number) is not None
        return is_known and not sight_in(seen).is_deleted("voucher", number)

    if not await call.desk.look(see):
        raise Problem(404, "There is no such kind of voucher; make it first.", "not_found")
    return await _given(call.desk, CodeKind.VOUCHER, number, body.count)


async def _given(desk: Desk, kind: CodeKind, number: int, count: int) -> CodesGiven:
    keys = await desk.look(lambda seen: usable_keys(desk.folder, seen.cells))
    key = KeyRing(desk.folder).key(keys[-1]) if keys else None
    if key is None:
        raise Problem(409, "No issuing key is in use: make one first.", "no_issuing_key")
    items = await asyncio.to_thread(_drawn, desk.festival, kind, number, count, keys[-1], key)
    return CodesGiven(key_id=keys[-1], items=items)


def _drawn(
    festival: int, kind: CodeKind, number: int, count: int, key_id: int, key: SecretKey
) -> list[CodeGiven]:
    """Draw serials and sign them; ten thousand take about a second."""
    items: list[CodeGiven] = []
    for _ in range(count):
        serial = int.from_bytes(random_bytes(_SERIAL_BYTES), "big")
        ticket = Ticket(
            kind=kind,
            key_id=key_id,
            festival=festival,
            serial=serial,
            type=number,
            valid_from=0,
            valid_until=0,
            flags=0,
        )
        told = short_number(serial)
        items.append(CodeGiven(serial=str(serial), code=issue(ticket, key), short_number=told))
    return items
