"""Codes of wristbands and vouchers over HTTP: signed, drawn anew each time, and kept nowhere."""

from pathlib import Path

from cloud.limits import CODES_GIVEN_MAX
from sync.codes import CodeKind, Ticket
from sync.short_number import short_number
from tests.cloud.tickets.ticket_house import BASE, bad, good, open_tickets, opened

BANDS, VOUCHERS = f"{BASE}/wristbands", f"{BASE}/voucher-codes"
DRINK: dict[str, object] = {"kind": "voucher", "voucher": 4, "name": "Drink"}


async def test_wristbands_have_codes_that_tills_open_and_serials_of_their_own(
    tmp_path: Path,
) -> None:
    async with open_tickets(tmp_path) as house:
        made = [await good(house, "post", BANDS, json={"count": 3}) for _ in range(2)]
        items = [one for part in made for one in part["items"]]
        assert len({one["serial"] for one in items}) == 6
        for one in items:
            code = opened(house, one["code"])
            assert isinstance(code, Ticket)
            assert (code.kind, str(code.serial)) == (CodeKind.WRISTBAND, one["serial"])
            assert one["short_number"] == short_number(code.serial)


async def test_vouchers_are_of_a_kind_that_is_there(tmp_path: Path) -> None:
    async with open_tickets(tmp_path, DRINK) as house:
        made = await good(house, "post", VOUCHERS, json={"voucher": 4, "count": 2})
        for one in made["items"]:
            code = opened(house, one["code"])
            assert isinstance(code, Ticket)
            assert (code.kind, code.type) == (CodeKind.VOUCHER, 4)
        unknown = await bad(house, "post", VOUCHERS, json={"voucher": 5, "count": 1})
        assert unknown == (404, "not_found")
        assert (await house.ask("delete", f"{BASE}/vouchers/4"))[0] == 204
        gone = await bad(house, "post", VOUCHERS, json={"voucher": 4, "count": 1})
        assert gone == (404, "not_found")


async def test_without_a_key_and_beyond_the_limit_no_code_is_given(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        for count in (0, -1, CODES_GIVEN_MAX + 1, 1.0, True, "1"):
            assert (await bad(house, "post", BANDS, json={"count": count}))[0] == 422
        assert (await bad(house, "post", BANDS, json={"count": 1}, role="cashier"))[0] == 403
        desk = house.house.desk(7)
        assert desk is not None
        desk.folder.issuing_key_file(2).unlink()
        assert await bad(house, "post", BANDS, json={"count": 1}) == (409, "no_issuing_key")
