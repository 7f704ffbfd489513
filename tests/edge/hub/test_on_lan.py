"""A hub that lends to a till over a real LAN on loopback, with TLS and without any office."""

from pathlib import Path
from typing import Any

from edge.bar.box import BarBox
from edge.hub.box import HubBox
from edge.neighbours.lan import Lan
from sync.facts import AuthorityHanded
from sync.names import Role
from tests.edge.bar.tills import BAND, PLACE
from tests.edge.boxes import make_folder, office_says
from tests.edge.hub.hubs import HUB, NO_DAILY_LIMIT, read_office
from tests.edge.neighbours.sites import eventually

LAN = Lan(finds=False, listed=(), listen=("127.0.0.1", 0))


def do(till: BarBox, what: str, **command: Any) -> dict[str, Any]:
    return till.work(till.desk.commands()[what], command)


def test_a_till_without_an_office_sells_what_the_hub_lends_over_the_lan(tmp_path: Path) -> None:
    hub = HubBox(
        make_folder(tmp_path / "hub", "hub", 30),
        lambda _: None,
        LAN,
        needs_staff=False,
        reports=False,
    )
    till = BarBox(
        make_folder(tmp_path / "bar", "bar"),
        lambda _: None,
        None,
        needs_staff=False,
        needs_shift=False,
        lan=LAN,
    )
    for box in (hub, till):
        office_says(box.terminal, PLACE, NO_DAILY_LIMIT, number=40)
        office_says(box.terminal, AuthorityHanded(1, HUB), number=60)
    read_office(hub.terminal)
    for box in (hub, till):
        box.start()
    assert till.neighbours is not None
    assert hub.neighbours is not None
    till.neighbours.found(HUB, Role.HUB, ("127.0.0.1", hub.neighbours.port))
    top_up = {"operation": f"{1:032x}", "wristband": BAND, "amount_minor": 12_000}
    assert do(till, "top_up", **top_up, method="cash")["event"] == "done"
    own = till.terminal.manifest.terminal_id
    eventually(lambda: _is_level(hub, own, till.terminal.store.last_arrival()), "level")

    def paid() -> bool:
        lines = [[9, 1, 9_000, 0, 0, None]]
        sale = {"sale": f"{2:032x}", "lines": lines, "wristband": BAND}
        answer = do(till, "sell", **sale)
        return (answer["event"], answer.get("rule")) == ("paid", "loan")

    eventually(paid, "the hub lends")
    book = till.terminal.store.till
    eventually(
        lambda: till.terminal.lane.run(lambda: not book.spent_unacknowledged(77)), "acknowledged"
    )
    assert hub.terminal.lane.run(hub.report)["tills_level"] == 1
    for box in (till, hub):
        box.stop()


def _is_level(hub: HubBox, till: bytes, facts: int) -> bool:
    def job() -> bool:
        return till not in hub.authority.silent() and hub.terminal.store.last_arrival() >= facts

    return hub.terminal.lane.run(job)
