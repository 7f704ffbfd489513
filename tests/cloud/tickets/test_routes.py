"""The routes of tickets over HTTP, in a house with festivals of two organisers."""

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cloud.clock_and_chance import monotonic_ms, random_bytes
from cloud.festivals.service import state
from cloud.limits import TICKETS_ISSUED_MAX
from cloud.office import Office
from cloud.settings import make_issuing_key, open_office
from cloud.store.look import look
from hardware.code_reader import CodeReader, read_all
from sync import catalogue
from sync.codes import Ticket, open_code
from sync.facts import CertificateIssued
from tests.cloud.api.houses import MINE, OTHERS, TestHouse, open_house
from tests.cloud.tickets.desk import DAY, PASS, TYPES

MY, THEIR = 7, 8
BASE = f"/api/v1/festivals/{MY}"
TICKETS = f"{BASE}/tickets"
LINKS = f"{BASE}/ticket-links"
CSV = {"Content-Type": "text/csv"}


class Stating:
    """A job that states rows."""

    def __init__(self, rows: tuple[dict[str, object], ...]) -> None:
        self.rows = rows

    def __call__(self, office: Office) -> Any:
        return state(office, self.rows)


@asynccontextmanager
async def open_tickets(path: Path, *rows: dict[str, object]) -> AsyncIterator[TestHouse]:
    async with open_house(path / "house", {MY: MINE, THEIR: OTHERS}) as house:
        for number, desk in ((one, house.house.desk(one)) for one in (MY, THEIR)):
            assert desk is not None
            certificate = make_issuing_key(open_office(desk.path), 2, random_bytes)
            await desk.say(CertificateIssued(certificate))
            await desk.writer.do(Stating((*TYPES, *rows) if number == MY else TYPES))
        yield house


async def good(house: TestHouse, method: str, path: str, **how: Any) -> Any:
    status, _, body = await house.ask(method, path, **how)
    assert status in {200, 201}, body
    return body


async def bad(house: TestHouse, method: str, path: str, **how: Any) -> tuple[int, str]:
    status, _, body = await house.ask(method, path, **how)
    assert status >= 400, body
    return status, body["code"]


async def issue(house: TestHouse, key: str = "one", **how: Any) -> Any:
    body = {"type": DAY, "count": 1} | how
    return await good(house, "post", TICKETS, json=body, headers={"Idempotency-Key": key})


async def raw(
    house: TestHouse, path: str, role: str = "organiser", **how: Any
) -> tuple[Any, bytes]:
    headers = {"Authorization": f"Bearer {role}"} if role else {}
    method = how.pop("method", "get")
    async with house.session.request(method, house.url + path, headers=headers, **how) as answer:
        assert answer.status == 200, await answer.text()
        return answer.headers, await answer.read()


def opened(house: TestHouse, code: str) -> Any:
    desk = house.house.desk(MY)
    assert desk is not None
    with look(desk.path, desk.folder.festival) as seen:
        return open_code(code, catalogue.issuing_keys(seen.cells), MY)


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


async def test_ten_thousand_tickets_are_issued_in_one_request_within_ten_seconds(
    tmp_path: Path,
) -> None:
    async with open_tickets(tmp_path) as house:
        started_ms = monotonic_ms()
        made = await issue(house, count=TICKETS_ISSUED_MAX)
        took_ms = monotonic_ms() - started_ms
        assert len({one["code"] for one in made["tickets"]}) == TICKETS_ISSUED_MAX
        assert took_ms < 10_000
        print(f"{TICKETS_ISSUED_MAX} tickets in {took_ms} ms")


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
        assert not (await good(house, "get", f"{TICKETS}/{second['serial']}"))["has_holder"]
        assert (await house.ask("put", f"{TICKETS}/5/holder", json=other))[0] == 404


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


def texts_in(png: bytes) -> tuple[str, ...]:
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return read_all(picture, CodeReader()).texts


async def test_an_import_is_looked_at_then_done_then_there_already(tmp_path: Path) -> None:
    table = "Code;Tarif;Nom\r\nA1;Day;Zoé\r\nA2;three days;\r\n".encode("cp1252")
    async with open_tickets(tmp_path) as house:
        preview = await good(house, "post", f"{TICKETS}/import/preview", data=table, headers=CSV)
        assert (preview["ok"], preview["batch"], preview["encoding"]) == (2, None, "cp1252")
        assert preview["first"][0]["name"] == "Zoé"
        assert (await good(house, "get", TICKETS))["items"] == []
        done = await good(house, "post", f"{TICKETS}/import", data=table, headers=CSV)
        assert (done["imported"], done["wrong"]) == (2, 0)
        (found,) = (await good(house, "get", f"{TICKETS}?q=A1"))["items"]
        assert (found["serial"], found["external"]) == (done["rows"][0]["serial"], "A1")
        _, content = await raw(house, f"{TICKETS}/codes?batch={done['batch']}")
        assert content.count(b"GU1:") == 2
        again = await good(house, "post", f"{TICKETS}/import", data=table, headers=CSV)
        assert (again["already_there"], again["imported"], again["batch"]) == (2, 0, None)


async def test_an_import_with_a_wrong_row_says_which_and_brings_nothing(tmp_path: Path) -> None:
    table = b"code,type\nA1,Day\nA2,Week\n1.2E+15,Day\n"
    async with open_tickets(tmp_path) as house:
        status, _, body = await house.ask("post", f"{TICKETS}/import", data=table, headers=CSV)
        assert (status, body["code"]) == (422, "bad_rows")
        assert [one["where"] for one in body["errors"]] == ["row 3", "row 4"]
        assert (await good(house, "get", TICKETS))["items"] == []
        preview = await good(
            house, "post", f"{TICKETS}/import/preview?type_if_unknown=2", data=table, headers=CSV
        )
        assert [row["outcome"] for row in preview["rows"]] == ["ok", "ok", "wrong"]
        assert preview["rows"][2]["sentence"]["fr"].startswith("Un tableur")
        path = f"{TICKETS}/import?skip_bad=true"
        done = await good(house, "post", path, data=table, headers=CSV)
        assert (done["imported"], done["wrong"]) == (1, 2)


@pytest.mark.parametrize(
    "table, query, code",
    [(b"", "", "empty"),
     (b"colour\nred\n", "", "no_known_column"),
     (b"name\nAnn\n", "", "no_codes"),
     (b'code\n"A1\n', "", "broken"),
     (b"code\n\x81", "", "unknown_encoding"),
     (b"code\nA1\n", "?type=9", "unknown_type"),
     (b"code\nA1\n", "?valid_from=9&valid_until=8", "invalid")],
)  # fmt: skip
async def test_a_table_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, table: bytes, query: str, code: str
) -> None:
    async with open_tickets(tmp_path) as house:
        path = f"{TICKETS}/import{query}"
        assert await bad(house, "post", path, data=table, headers=CSV) == (422, code)


async def test_a_link_shows_its_tickets_to_anybody_until_it_is_revoked(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        first, second = (await issue(house, count=2))["tickets"]
        body = {"serials": [first["serial"]], "label": "Ann"}
        made = await good(house, "post", LINKS, json=body, role="cashier")
        headers, page = await raw(house, made["path"], role="")
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "private, no-store"
        assert f"{made['path']}/{first['serial']}/png".encode() in page
        shown = await good(house, "get", f"{made['path']}/tickets", role="")
        assert [one["code"] for one in shown["tickets"]] == [first["code"]]
        _, png = await raw(house, f"{made['path']}/{first['serial']}/png", role="")
        assert texts_in(png) == (first["code"],)
        other = f"{made['path']}/{second['serial']}/png"
        assert await bad(house, "get", other, role="") == (404, "not_found")
        _, pdf = await raw(house, f"{made['path']}/pdf", role="")
        assert pdf.startswith(b"%PDF-")
        await good(house, "post", f"{LINKS}/{made['link']}/revoke")
        for tail in ("", "/tickets", "/pdf", f"/{first['serial']}/png"):
            path = made["path"] + tail
            assert await bad(house, "get", path, role="") == (404, "no_such_link")


async def test_a_link_to_a_cancelled_ticket_shows_that_it_is_and_no_code(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        (one,) = (await issue(house))["tickets"]
        made = await good(house, "post", LINKS, json={"serials": [one["serial"]]})
        await good(house, "post", f"{TICKETS}/{one['serial']}/cancel")
        (shown,) = (await good(house, "get", f"{made['path']}/tickets", role=""))["tickets"]
        assert (shown["status"], shown["code"]) == ("invalid", None)
        _, page = await raw(house, f"{made['path']}?lang=fr", role="")
        assert "ne fait entrer personne" in page.decode()
        assert await bad(house, "get", f"{made['path']}/pdf", role="") == (409, "withdrawn")


async def test_links_are_listed_without_their_secrets(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        (one,) = (await issue(house))["tickets"]
        made = [
            await good(house, "post", LINKS, json={"serials": [one["serial"]], "label": str(n)})
            for n in range(3)
        ]
        first = await good(house, "get", f"{LINKS}?limit=2")
        rest = await good(house, "get", f"{LINKS}?limit=2&after={first['next']}")
        assert [row["label"] for row in first["items"] + rest["items"]] == ["0", "1", "2"]
        assert rest["next"] is None
        secrets = [row["path"].rpartition("/")[2] for row in made]
        assert not any(secret in json.dumps(first) for secret in secrets)
        assert await bad(house, "get", f"{LINKS}?after=x-y") == (422, "invalid")


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


async def test_a_link_of_one_festival_opens_nothing_at_another(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        (one,) = (await issue(house))["tickets"]
        made = await good(house, "post", LINKS, json={"serials": [one["serial"]]})
        elsewhere = made["path"].replace(f"/t/{MY}/", f"/t/{THEIR}/")
        assert await bad(house, "get", elsewhere, role="") == (404, "no_such_link")
        nowhere = made["path"].replace(f"/t/{MY}/", "/t/99/")
        assert (await house.ask("get", nowhere, role=""))[0] == 404
