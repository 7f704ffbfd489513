"""The routes of tickets over HTTP, in a house with festivals of two organisers."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from cloud.limits import TICKETS_ISSUED_MAX
from cloud.store.look import Look
from sync.codes import Ticket
from tests.cloud.api.houses import TestHouse
from tests.cloud.tickets.desk import DAY, PASS
from tests.cloud.tickets.ticket_house import (
    BASE,
    CSV,
    LINKS,
    MY,
    TICKETS,
    bad,
    good,
    issue,
    open_tickets,
    opened,
    raw,
    texts_in,
)


async def test_tickets_are_issued_with_codes_that_gates_open(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        flags = ["reentry", "attention"]
        made = await issue(house, count=3, type=PASS, flags=flags, reference="R1", valid_until=9)
        assert len(made["tickets"]) == 3
        assert made["key_id"] == 2
        for one in made["tickets"]:
            assert isinstance(one["serial"], str)
            ticket = opened(house, one["code"])
            assert isinstance(ticket, Ticket)
            assert (str(ticket.serial), ticket.type, ticket.flags) == (one["serial"], PASS, 5)
            shown = await good(house, "get", f"{TICKETS}/{one['serial']}")
            assert shown["status"] == "issued"
            assert (shown["batch"], shown["flags"]) == (made["batch"], flags)


async def test_the_same_key_issues_once_and_answers_the_same_bytes(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        first = await issue(house, count=5)
        assert await issue(house, count=5) == first
        headers = {"Idempotency-Key": "one"}
        wanted = {"type": DAY, "count": 6}
        assert await bad(house, "post", TICKETS, json=wanted, headers=headers) == (
            409, "idempotency_key_reused",
        )  # fmt: skip
        assert len((await good(house, "get", TICKETS))["items"]) == 5
        assert (await bad(house, "post", TICKETS, json=wanted))[0] == 400


async def test_the_same_key_answers_the_same_bytes_after_a_ticket_was_issued_anew(
    tmp_path: Path,
) -> None:
    async with open_tickets(tmp_path) as house:
        first = await issue(house, count=2)
        await good(house, "post", f"{TICKETS}/{first['tickets'][0]['serial']}/reissue")
        assert await issue(house, count=2) == first


async def test_a_key_whose_answer_was_forgotten_issues_nothing_again(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        await issue(house, count=2)
        desk = house.house.desk(MY)
        assert desk is not None
        await desk.writer.do(lambda office: office.store.answers.forget_older(1 << 50))
        headers = {"Idempotency-Key": "one"}
        wanted = {"type": DAY, "count": 2}
        refusal = await bad(house, "post", TICKETS, json=wanted, headers=headers)
        assert refusal == (409, "already_done")
        assert len((await good(house, "get", TICKETS))["items"]) == 2


async def test_ten_thousand_tickets_are_issued_in_one_request(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        made = await issue(house, count=TICKETS_ISSUED_MAX)
        assert len({one["code"] for one in made["tickets"]}) == TICKETS_ISSUED_MAX


async def test_a_comp_is_issued_and_found_as_one(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        await issue(house)
        made = await issue(house, "two", origin="comp")
        (found,) = (await good(house, "get", f"{TICKETS}?origin=comp"))["items"]
        assert found["serial"] == made["tickets"][0]["serial"]


async def test_the_quota_holds_over_http(tmp_path: Path) -> None:
    quota: dict[str, object] = {"kind": "quota", "ticket_type": DAY, "capacity": 4}
    async with open_tickets(tmp_path, quota) as house:
        await issue(house, count=3)
        headers = {"Idempotency-Key": "two"}
        refusal = await bad(house, "post", TICKETS, json={"type": DAY, "count": 2}, headers=headers)
        assert refusal == (409, "sold_out")
        await issue(house, "three", count=1)


@pytest.mark.parametrize(
    "body",
    [{}, {"type": "1"}, {"type": 1, "count": 0}, {"type": 1, "count": 10_001},
     {"type": 1, "count": 1.0}, {"type": 1, "count": True}, {"type": 1, "flags": ["vip"]},
     {"type": 1, "holder": {"email": "nowhere"}}, {"type": 1, "reference": "a\u0000b"},
     {"type": 1, "origin": "imported"}, {"type": 1, "valid_from": 9, "valid_until": 9},
     {"type": 77}, {"type": 1, "key_id": 9}, {"type": 1, "price": 5}],
)  # fmt: skip
async def test_what_cannot_be_issued_is_refused_as_invalid(
    tmp_path: Path, body: dict[str, Any]
) -> None:
    async with open_tickets(tmp_path) as house:
        headers = {"Idempotency-Key": "x"}
        assert (await bad(house, "post", TICKETS, json=body, headers=headers))[0] == 422
        assert (await good(house, "get", TICKETS))["items"] == []


async def test_tickets_are_good_when_their_type_says_so_unless_asked_otherwise(
    tmp_path: Path,
) -> None:
    async with open_tickets(tmp_path) as house:
        body = {"name": "Day", "valid_from": 1_800_000_000, "valid_until": 1_800_086_400}
        await good(house, "put", f"{BASE}/ticket-types/{DAY}", json=body)
        for key, how, window in (
            ("a", {}, (1_800_000_000, 1_800_086_400)),
            ("b", {"valid_from": 0}, (0, 1_800_086_400)),
            ("c", {"valid_until": 1_900_000_000}, (1_800_000_000, 1_900_000_000)),
        ):
            (one,) = (await issue(house, key, **how))["tickets"]
            ticket = opened(house, one["code"])
            assert (ticket.valid_from, ticket.valid_until) == window
        table = b"code,type\nA1,Day\nA2,Three days\n"
        await good(house, "post", f"{TICKETS}/import", data=table, headers=CSV)
        (found,) = (await good(house, "get", f"{TICKETS}?q=A1"))["items"]
        assert (found["valid_from"], found["valid_until"]) == (1_800_000_000, 1_800_086_400)
        (found,) = (await good(house, "get", f"{TICKETS}?q=A2"))["items"]
        assert (found["valid_from"], found["valid_until"]) == (0, 0)


async def test_a_type_of_which_tickets_are_out_stays_and_one_that_is_deleted_issues_none(
    tmp_path: Path,
) -> None:
    async with open_tickets(tmp_path) as house:
        (one,) = (await issue(house))["tickets"]
        path = f"{BASE}/ticket-types/{DAY}"
        status, _, _ = await house.ask("delete", path)
        assert status == 409
        await good(house, "post", f"{TICKETS}/{one['serial']}/cancel")
        status, _, _ = await house.ask("delete", path)
        assert status in {200, 204}
        headers = {"Idempotency-Key": "two"}
        wanted = {"type": DAY}
        refusal = await bad(house, "post", TICKETS, json=wanted, headers=headers)
        assert refusal == (422, "unknown_type")
        table = b"code,type\nA1,Day\n"
        assert await bad(house, "post", f"{TICKETS}/import", data=table, headers=CSV) == (
            422, "bad_rows",
        )  # fmt: skip


async def test_a_list_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        await issue(house, count=7)
        serials: list[str] = []
        after = ""
        while after is not None:
            page = await good(house, "get", f"{TICKETS}?limit=3{after}")
            serials += [one["serial"] for one in page["items"]]
            after = page["next"] and f"&after={page['next']}"
        assert len(serials) == len(set(serials)) == 7
        assert await bad(house, "get", f"{TICKETS}?after=x") == (422, "invalid")
        assert (await good(house, "get", f"{TICKETS}?q={serials[2]}"))["items"][0][
            "serial"
        ] == serials[2]
        assert (await good(house, "get", f"{TICKETS}?status=inside"))["items"] == []


async def test_a_ticket_is_blocked_unblocked_cancelled_and_refunded(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        (one,) = (await issue(house))["tickets"]
        path = f"{TICKETS}/{one['serial']}"
        for deed, status, stated in (
            ("block", "invalid", "blocked"),
            ("unblock", "issued", "valid"),
            ("cancel", "invalid", "cancelled"),
            ("cancel", "invalid", "cancelled"),
            ("refund", "refunded", "refunded"),
        ):
            (shown,) = (await good(house, "post", f"{path}/{deed}"))["tickets"]
            assert (shown["status"], shown["stated"]) == (status, stated)
        assert await bad(house, "post", f"{path}/block") == (409, "withdrawn")
        assert await bad(house, "post", f"{path}/reissue") == (409, "withdrawn")
        assert await bad(house, "post", f"{TICKETS}/5/cancel") == (404, "not_found")


async def test_a_ticket_is_issued_anew_with_a_code_of_its_own(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        (old,) = (await issue(house))["tickets"]
        (new,) = (await good(house, "post", f"{TICKETS}/{old['serial']}/reissue"))["tickets"]
        shown = await good(house, "get", f"{TICKETS}/{old['serial']}")
        assert (shown["status"], shown["replaced_by"]) == ("invalid", new["serial"])
        code = (await good(house, "get", f"{TICKETS}/{new['serial']}/code"))["code"]
        assert code != old["code"]
        assert isinstance(opened(house, code), Ticket)
        history = await good(house, "get", f"{TICKETS}/{new['serial']}/history")
        assert history == {"status": "issued", "deeds": []}


async def test_many_tickets_are_changed_together_or_not_at_all(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        serials = [one["serial"] for one in (await issue(house, count=3))["tickets"]]
        change = {"deed": "cancel", "serials": [*serials, "5"]}
        assert await bad(house, "post", f"{TICKETS}/changes", json=change) == (404, "not_found")
        change = {"deed": "cancel", "serials": serials}
        done = await good(house, "post", f"{TICKETS}/changes", json=change)
        assert [one["status"] for one in done["tickets"]] == ["invalid"] * 3


async def test_holders_are_shown_to_who_sells_changed_and_erased(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        holder = {"name": "Zoé Łęcka", "email": "zoe@example.org"}
        first, second = (await issue(house, count=2, holder=holder))["tickets"]
        path = f"{TICKETS}/{first['serial']}/holder"
        assert await good(house, "get", path, role="cashier") == holder
        assert await bad(house, "get", path, role="agent") == (403, "forbidden")
        other = {"name": "Ann", "email": ""}
        assert await good(house, "put", path, json=other) == other
        second_path = f"{TICKETS}/{second['serial']}/holder"
        assert await good(house, "get", second_path) == holder
        await good(house, "delete", second_path)
        assert await good(house, "get", second_path) == {"name": "", "email": ""}
        assert await good(house, "get", path) == other
        assert await people_in(house) == 1
        (third,) = (await issue(house, "two", holder=holder))["tickets"]
        assert await people_in(house) == 2
        nobody = {"name": "", "email": ""}
        assert await good(house, "put", path, json=nobody) == nobody
        assert await people_in(house) == 1
        assert await good(house, "get", f"{TICKETS}/{third['serial']}/holder") == holder
        assert not (await good(house, "get", f"{TICKETS}/{second['serial']}"))["has_holder"]
        assert (await house.ask("put", f"{TICKETS}/5/holder", json=other))[0] == 404


async def people_in(house: TestHouse) -> int:
    desk = house.house.desk(MY)
    assert desk is not None

    def see(seen: Look) -> int:
        rows = seen.connection.execute("SELECT 1 FROM person WHERE festival = ?", (MY,))
        return len(rows.fetchall())

    return await desk.look(see)


async def test_a_batch_of_codes_is_downloaded_and_spreadsheets_run_nothing_of_it(
    tmp_path: Path,
) -> None:
    async with open_tickets(tmp_path) as house:
        holder = {"name": "=1+1", "email": "zoe@example.org"}
        made = await issue(house, count=4, holder=holder, reference="-2")
        headers, content = await raw(house, f"{TICKETS}/codes?batch={made['batch']}")
        assert headers["Content-Disposition"].startswith("attachment")
        assert content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert {row["code"] for row in rows} == {one["code"] for one in made["tickets"]}
        assert {row["name"] for row in rows} == {"'=1+1"}
        assert {row["reference"] for row in rows} == {"'-2"}


async def test_a_batchs_codes_are_those_that_may_still_let_somebody_in(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        made = await issue(house, count=3)
        anew, cancelled, left = [one["serial"] for one in made["tickets"]]
        (new,) = (await good(house, "post", f"{TICKETS}/{anew}/reissue"))["tickets"]
        await good(house, "post", f"{TICKETS}/{cancelled}/cancel")
        _, content = await raw(house, f"{TICKETS}/codes?batch={made['batch']}")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert sorted(row["serial"] for row in rows) == sorted([left, new["serial"]])


async def test_a_ticket_is_printed_and_its_picture_is_read_back(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        first, second = (await issue(house, count=2))["tickets"]
        path = f"{TICKETS}/{first['serial']}"
        _, pdf = await raw(house, f"{path}/pdf?paper=a6&lang=fr", role="cashier")
        assert pdf.startswith(b"%PDF-")
        headers, png = await raw(house, f"{path}/png")
        assert headers["Content-Type"] == "image/png"
        assert texts_in(png) == (first["code"],)
        wanted = {"serials": [first["serial"], second["serial"]], "paper": "a4"}
        _, both = await raw(house, f"{TICKETS}/pdf", method="post", json=wanted)
        assert both.count(b"/Type /Page\n") == 2
        assert (await house.ask("get", f"{path}/pdf?paper=a5"))[0] == 422
        assert (await house.ask("get", f"{TICKETS}/5/png"))[0] == 404
        await good(house, "post", f"{path}/cancel")
        assert await bad(house, "post", f"{TICKETS}/pdf", json=wanted) == (409, "withdrawn")


async def test_no_route_of_tickets_opens_for_others(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        (one,) = (await issue(house))["tickets"]
        ticket = f"{TICKETS}/{one['serial']}"
        for method, path, agents_may in (
            ("get", TICKETS, True), ("post", TICKETS, False), ("get", ticket, True),
            ("get", f"{ticket}/history", True), ("get", f"{ticket}/code", False),
            ("get", f"{ticket}/pdf", False), ("get", f"{ticket}/png", False),
            ("get", f"{ticket}/holder", False), ("post", f"{ticket}/cancel", False),
            ("post", f"{ticket}/reissue", False), ("get", f"{TICKETS}/codes", False),
            ("post", f"{TICKETS}/import", False), ("post", LINKS, False),
        ):  # fmt: skip
            assert (await house.ask(method, path, role=""))[0] == 401
            assert (await house.ask(method, path, role="organiser of others"))[0] == 404
            assert (await house.ask(method, path, role="technician"))[0] == 403
            status = (await house.ask(method, path, role="agent"))[0]
            assert status == (200 if agents_may else 403), path
