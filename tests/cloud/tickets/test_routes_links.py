"""Imports and links over HTTP."""

import json
from pathlib import Path

import pytest

from sync.facts import TicketStatus, TicketStatusSet
from tests.cloud.tickets.ticket_house import (
    CSV,
    LINKS,
    MY,
    THEIR,
    TICKETS,
    bad,
    good,
    issue,
    open_tickets,
    raw,
    texts_in,
)


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
     (b"code,type\nA1,Day\n", "?valid_from=9&valid_until=8", "ends_before_it_begins"),
     (b"code\nA1\n", "?valid_from=x", "invalid")],
)  # fmt: skip
async def test_a_table_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, table: bytes, query: str, code: str
) -> None:
    async with open_tickets(tmp_path) as house:
        path = f"{TICKETS}/import{query}"
        status, _, body = await house.ask("post", path, data=table, headers=CSV)
        assert (status, body["code"]) == (422, code)
        assert not any(one["where"] == "row 0" for one in body.get("errors", ()))


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


async def test_a_link_shows_no_code_of_a_ticket_that_is_unpaid_blocked_or_paid_back(
    tmp_path: Path,
) -> None:
    async with open_tickets(tmp_path) as house:
        serials = [one["serial"] for one in (await issue(house, count=4))["tickets"]]
        made = await good(house, "post", LINKS, json={"serials": serials})
        unpaid, blocked, refunded, _ = serials
        desk = house.house.desk(MY)
        assert desk is not None
        await desk.say(TicketStatusSet(((int(unpaid), int(TicketStatus.UNPAID), 1, None),)))
        await good(house, "post", f"{TICKETS}/{blocked}/block")
        for deed in ("cancel", "refund"):
            await good(house, "post", f"{TICKETS}/{refunded}/{deed}")
        shown = (await good(house, "get", f"{made['path']}/tickets", role=""))["tickets"]
        assert [(one["status"], one["code"] is None) for one in shown] == [
            ("reserved", True), ("invalid", True), ("refunded", True), ("issued", False),
        ]  # fmt: skip
        for serial in (unpaid, blocked, refunded):
            picture = f"{made['path']}/{serial}/png"
            assert await bad(house, "get", picture, role="") == (404, "not_found")
        _, pdf = await raw(house, f"{made['path']}/pdf", role="")
        assert pdf.count(b"/Type /Page\n") == 1
        await good(house, "post", f"{TICKETS}/{blocked}/unblock")
        shown = (await good(house, "get", f"{made['path']}/tickets", role=""))["tickets"]
        assert shown[1]["code"] is not None


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


async def test_a_link_of_one_festival_opens_nothing_at_another(tmp_path: Path) -> None:
    async with open_tickets(tmp_path) as house:
        (one,) = (await issue(house))["tickets"]
        made = await good(house, "post", LINKS, json={"serials": [one["serial"]]})
        elsewhere = made["path"].replace(f"/t/{MY}/", f"/t/{THEIR}/")
        assert await bad(house, "get", elsewhere, role="") == (404, "no_such_link")
        nowhere = made["path"].replace(f"/t/{MY}/", "/t/99/")
        assert (await house.ask("get", nowhere, role=""))[0] == 404
