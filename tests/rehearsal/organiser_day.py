"""A whole festival, from signing up to settling, through nothing but the described API.

An organiser signs up, makes a festival with its zones, ticket types and products, imports and
issues tickets, enrols two gates and a bar, sells the last places to a crowd, scans, sells, cancels
a ticket and sees a gate refuse it that is cut off by then, rotates the issuing key, and settles to
the cent. Gates and bar are real processes. With several office processes the requests go to each in
turn, and every terminal has another one for its office.
"""

import itertools
import secrets
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.rehearsal.boxes import Box, guichet
from tests.rehearsal.cable import Cable
from tests.rehearsal.described import Described, Refused

PLACES: Final = 60
ISSUED: Final = 10
BUYERS: Final = 120
CROWD: Final = 24
TICKET_PRICE: Final = 4_500
BEER_PRICE: Final = 550
DEPOSIT: Final = 200
TOP_UP: Final = 3_000
WAIT_STEPS: Final = 300
_STEP_S: Final = 0.1
_PASSWORD: Final = "a long enough sentence"
IMPORTED: Final = (
    "Code;Nom;Type de billet\r\n"
    "PX-0001;Zoë Été;Weekend\r\n"
    "PX-0002;Łukasz Müller;Weekend\r\n"
    ";Sans Code;Weekend\r\n"
)


class WrongDay(Exception):
    """Something on the day was not as it must be; the message says what."""


@dataclass
class Day:
    """What the day needs to know while it goes on, and what it comes to."""

    offices: Sequence[Described]
    folder: Path
    festival: int = 0
    access: str = ""
    types: dict[str, int] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    bands: list[str] = field(default_factory=list)
    sold: list[dict[str, Any]] = field(default_factory=list)
    boxes: dict[str, Box] = field(default_factory=dict)
    cables: dict[str, Cable] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    online_minor: int = 0
    bar_minor: int = 0
    topped_minor: int = 0

    def __post_init__(self) -> None:
        """Take the offices in turn."""
        self._turn: Iterator[Described] = itertools.cycle(self.offices)

    def call(self, name: str, body: Any = None, **given: Any) -> Any:
        """Call an operation as the organiser, at whichever process has its turn."""
        return next(self._turn).call(name, self.access, body, **given)

    def here(self, name: str, body: Any = None, **given: Any) -> Any:
        """Call an operation of the festival."""
        return self.call(name, body, festival=self.festival, **given)


def play(offices: Sequence[Described], folder: Path) -> Day:
    """Play the day at these processes of one office; `WrongDay` if anything is not right."""
    day = Day(offices, folder)
    try:
        for step in (_sign_up, _make, _import_and_issue, _enrol, _sell_out, _scan, _pay_online,
                     _sell_at_the_bar, _cancel, _rotate, _settle):  # fmt: skip
            step(day)
            day.told.append(step.__name__.removeprefix("_"))
    finally:
        for box in day.boxes.values():
            box.stop()
        for cable in day.cables.values():
            cable.close()
    return day


def _sign_up(day: Day) -> None:
    row = {
        "email": f"{secrets.token_hex(4)}@example.org",
        "password": _PASSWORD,
        "name": "Olga",
        "organiser": "Été & Co",
    }
    day.access = day.call("accounts_register", row)["access_token"]
    _expect("who asks", day.call("accounts_me")["role"], "organiser")


def _make(day: Day) -> None:
    made = day.call(
        "festivals_make_festival",
        {"title": "Été 2027", "time_zone": "Europe/Paris", "languages": ["fr", "en"]},
    )
    day.festival = made["number"]
    for office in day.offices:
        _until(lambda one=office: _sees(one, day), "a process does not see the festival")
    zone = day.here("festivals_make_zone", {"name": "Champ", "capacity": 5_000})["number"]
    for name, more in (
        ("Weekend", {"price": TICKET_PRICE, "vat": 550, "quota": PLACES, "per_order_max": 1}),
        ("Crew", {"visibility": "internal"}),
    ):
        row = {"name": name, "zones": [zone], **more}
        day.types[name] = day.here("festivals_make_ticket_type", row)["number"]
    day.here("festivals_make_bar", {"name": "Grand bar"})
    beer = {"name": "Bière", "price": BEER_PRICE, "vat": 2_000, "deposit": DEPOSIT}
    day.here("festivals_make_product", beer | {"category": "Boissons"})
    day.here("festivals_change_policy", {"alone_limit": 10_000})
    day.here("access_set_online_gate", {"name": "Téléphone", "zone": zone}, online_gate=1)


def _sees(office: Described, day: Day) -> bool:
    try:
        office.call("festivals_show_festival", day.access, festival=day.festival)
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return False
    return True


def _import_and_issue(day: Day) -> None:
    table = IMPORTED.encode("cp1252", errors="replace")
    preview = day.here("tickets_preview_import", table)
    _expect("rows that are good", (preview["ok"], preview["wrong"], preview["imported"]), (2, 1, 0))
    taken = day.here("tickets_import_table", table, skip_bad="true")
    _expect("imported", (taken["imported"], taken["wrong"]), (2, 1))
    again = day.here("tickets_import_table", table, skip_bad="true")
    _expect("imported again", (again["imported"], again["already_there"]), (0, 2))
    row = {"type": day.types["Weekend"], "count": ISSUED}
    day.codes = [ticket["code"] for ticket in day.here("tickets_issue", row)["tickets"]]
    crew = day.here("tickets_issue", {"type": day.types["Crew"], "count": 3, "origin": "comp"})
    day.codes += [ticket["code"] for ticket in crew["tickets"]]


def _enrol(day: Day) -> None:
    for name, role, place in (("north", "gate", 1), ("south", "gate", 1), ("bar", "bar", 1)):
        office = next(day._turn)
        where = {"zone": place} if role == "gate" else {"bar": place}
        code = day.here("terminals_make_code", {"role": role, "name": name, **where})
        port = int(office.url.rpartition(":")[2])
        cable = day.cables[name] = Cable(port)
        address = f"http://127.0.0.1:{cable.port}{code['office_path']}"
        box = day.folder / name
        words = ("enrol", box, "--office", address, "--code", code["code"])
        guichet("provisioning", "provision", *words)
        day.boxes[name] = Box(box, role)
        day.boxes[name].start()
    _until(lambda: _would(day, "north", day.codes[-1]) == "admit", "the gate does not open")


def _sell_out(day: Day) -> None:
    """Sell the last places to more buyers than there are places, all at once."""
    held = sum(
        quota["lent"]
        for quota in day.here("figures_summary")["quotas"]
        if (quota["resource"], quota["number"]) == ("ticket_type", day.types["Weekend"])
    )
    left = PLACES - held
    row = {
        "festival": day.festival,
        "tickets": [{"type": day.types["Weekend"], "count": 1}],
        "method": "card",
    }
    turns = [next(day._turn) for _ in range(BUYERS)]

    def buy(office: Described) -> dict[str, Any] | str:
        try:
            found: dict[str, Any] = office.call("orders_buy", day.access, row)
        except Refused as refusal:
            return refusal.code
        return found

    with ThreadPoolExecutor(CROWD) as crowd:
        answers = list(crowd.map(buy, turns))
    day.sold = [answer for answer in answers if isinstance(answer, dict)]
    refusals = {answer for answer in answers if isinstance(answer, str)}
    _expect("places sold of those that were left", len(day.sold), left)
    _expect("what the others were told", refusals, {"sold_out"})
    day.online_minor = sum(order["total_minor"] for order in day.sold)
    _expect("revenue of orders", day.online_minor, left * TICKET_PRICE)


def _scan(day: Day) -> None:
    """Scan at a gate, then at the other; by phone, then at a gate; each admits once."""
    gates = ("north", "south")
    for at, code in enumerate(day.codes[:4]):
        _expect("first scan", _verdict(day, gates[at % 2], code), "admit")
    for at, code in enumerate(day.codes[:4]):
        other = gates[(at + 1) % 2]
        _until(partial(_refuses, day, other, code), "the other gate hears nothing")
        _expect("second scan", _verdict(day, other, code), "refuse")
    phone = {"festival": day.festival, "gate": 1, "text": day.codes[4], "one_step": True}
    _expect("by phone", day.call("access_request_scan", phone)["verdict"], "admit")
    _expect("by phone again", day.call("access_request_scan", phone)["reason"], "already_inside")
    _until(lambda: _would(day, "north", day.codes[4]) == "refuse", "the gate hears no phone")
    bought = _code_of(day, day.sold[0]["tickets"][0])
    _expect("a ticket of an order", _verdict(day, "south", bought), "admit")


def _pay_online(day: Day) -> None:
    bands = day.here("codes_make_wristbands", {"count": 3})["items"]
    day.bands = [band["code"] for band in bands]
    for band in bands:
        row = {"festival": day.festival, "wallet": band["serial"], "amount_minor": TOP_UP}
        day.call("cashless_topup", row | {"method": "card", "reference": "terminal 7"})
        day.topped_minor += TOP_UP
    row = {"festival": day.festival, "wallet": bands[2]["serial"], "amount_minor": 1_250}
    key = secrets.token_hex(8)
    _until(lambda: _paid(day, row, key), "the office does not take the payment")
    moved = day.call("cashless_pay", row, key=key)
    _expect("balance after paying once", moved["balance_minor"], TOP_UP - 1_250)
    day.online_minor += 1_250


def _paid(day: Day, row: dict[str, Any], key: str) -> bool:
    """Pay, unless a till still has to be heard; each refusal needs a new name for the next try."""
    try:
        day.call("cashless_pay", row, key=key)
    except Refused as refusal:
        if refusal.status not in {409, 503}:
            raise
        return False
    return True


def _sell_at_the_bar(day: Day) -> None:
    bar = day.boxes["bar"]
    for band in day.bands[:2]:
        for _ in range(2):
            _until(lambda one=band: _sold(day, bar, one), "the bar does not sell")
            day.bar_minor += BEER_PRICE + DEPOSIT


def _sold(day: Day, bar: Box, band: str) -> bool:
    sale = {"sale": secrets.token_hex(16), "items": [[1, 1]], "wristband": band}
    return bool(bar.ask("sell", **sale)["event"] == "paid")


def _cancel(day: Day) -> None:
    """Cancel a ticket; once the gates have heard it they refuse it, the office or not."""
    order = day.sold[1]
    ticket = order["tickets"][0]
    changed = day.here("tickets_cancel", serial=ticket["serial"])
    _expect("the ticket's state", changed["tickets"][0]["status"], "invalid")
    code = _code_of(day, ticket)
    _hear(day, "north")
    day.cables["north"].pull()
    _expect("at a gate alone", _reason(day, "north", code), "cancelled")
    day.cables["north"].plug()


def _rotate(day: Day) -> None:
    made = day.here("festivals_make_key")
    row = {"type": day.types["Crew"], "count": 1, "origin": "comp"}
    fresh = day.here("tickets_issue", row)
    _expect("the key that signs now", fresh["key_id"], made["key_id"])
    code = fresh["tickets"][0]["code"]
    _until(lambda: _would(day, "south", code) == "admit", "the gate does not know the new key")
    old = day.codes[5]
    day.here("festivals_retire_key", key_id=1)
    _hear(day, "north")
    _expect("a code of the retired key", _reason(day, "north", old), "unknown_key")


def _settle(day: Day) -> None:
    """Add up: what wallets hold is what came in less what was spent, and nothing is missing."""
    spent = 1_250 + day.bar_minor
    expected = day.topped_minor - spent
    _until(lambda: _holds(day) == expected, "wallets do not come to what they must")
    summary = day.here("figures_summary")
    _expect("the sum of all accounts", summary["money_sum_minor"], 0)
    _expect("overspent", summary["overspend_minor"], 0)
    _expect("conflicts", summary["conflicts_count"], 0)
    bars = sum(bar["sold_minor"] for bar in summary["bars"].values())
    sold = day.online_minor + day.bar_minor
    _expect("what was sold, with deposits", bars, sold)
    _until(lambda: _is_agreed(day), "the office's processes do not agree")


def _is_agreed(day: Day) -> bool:
    """Tell whether every process tells the same state; boxes may speak between two answers."""
    told = [
        office.call("figures_hashes", day.access, festival=day.festival) for office in day.offices
    ]
    return all(one == told[0] for one in told)


def _holds(day: Day) -> int:
    return int(day.here("figures_summary")["wallets"]["total_minor"])


def _verdict(day: Day, gate: str, code: str) -> str:
    return str(day.boxes[gate].ask("scan", text=code)["verdict"])


def _reason(day: Day, gate: str, code: str) -> str:
    return str(day.boxes[gate].ask("scan", text=code)["reason"])


def _code_of(day: Day, ticket: dict[str, Any]) -> str:
    """Return a sold ticket's code, as the guest gets it."""
    return str(day.here("tickets_code", serial=ticket["serial"])["code"])


def _hear(day: Day, box: str) -> None:
    """Wait until a box holds what the office states just now."""
    wanted = day.here("figures_hashes")["office"]
    _until(lambda: day.boxes[box].ask("hashes")["office"] == wanted, "a box hears nothing")


def _refuses(day: Day, gate: str, code: str) -> bool:
    return _would(day, gate, code) == "refuse"


def _would(day: Day, gate: str, code: str) -> str:
    """Return what a gate would say, which records nothing."""
    return str(day.boxes[gate].ask("peek", text=code)["verdict"])


def _until(is_so: Any, message: str) -> None:
    """Wait until something holds; `WrongDay` if it does not within half a minute."""
    for _ in range(WAIT_STEPS):
        if is_so():
            return
        threading.Event().wait(_STEP_S)
    raise WrongDay(message)


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        message = f"{what}: {found!r}, not {wanted!r}"
        raise WrongDay(message)
