"""A shift worked through the till's own commands: the Z agrees with the ledger to the cent."""

from pathlib import Path
from typing import Any

from edge.bar.desk import TillDesk
from hardware.bench import ManualClock
from sync.accounts import balance, postings_sum
from sync.codes import CodeKind
from sync.facts import BarSet, ProductSet
from sync.ledger_effects import drawer_account
from sync.names import Role
from tests.edge.boxes import NOW_MS, code_of, make_folder, office_says, opened, told

BEER = ProductSet(1, 1, "Beer", "Drinks", 480, 2000, 100, 0, True)
BAND = code_of(77, CodeKind.WRISTBAND)


def test_a_shift_of_every_kind_of_work_closes_without_a_word_of_doubt(tmp_path: Path) -> None:
    terminal = opened(make_folder(tmp_path / "bar", "bar"), Role.BAR, ManualClock(NOW_MS))
    place = BarSet(terminal.manifest.terminal_id, 1, "Bar", 4)
    terminal.lane.run(lambda: office_says(terminal, BEER, place))
    desk = terminal.lane.run(lambda: TillDesk(terminal))

    def do(what: str, **command: Any) -> dict[str, Any]:
        return told(terminal, desk, what, command)

    ids = iter(f"{n:032x}" for n in range(1, 100))
    do("open_shift", cash=[[2000, 5]])
    do("top_up", operation=next(ids), wristband=BAND, amount_minor=3_000, method="cash")
    by_band, in_cash, mixed = next(ids), next(ids), next(ids)
    do("sell", sale=by_band, items=[[1, 2]], wristband=BAND)
    do("sell", sale=in_cash, items=[[1, 3]], payments=[["cash", 2_000], ["cash", -260]])
    do("sell", sale=mixed, items=[[1, 1]], payments=[["card", 300], ["cash", 280]])
    do("void", sale=mixed, lines=[0, 1])
    do("refund", operation=next(ids), sale=in_cash, lines=[[0, 2]])
    do("refund", operation=next(ids), sale=by_band, lines=[[0, 1], [1, 1]])
    x = do("report")
    drawer = drawer_account(terminal.manifest.terminal_id, 1)
    cells = terminal.store.shelf.cells
    assert x["check"] == ""
    assert x["drawer"]["expected"] == -terminal.lane.run(lambda: balance(cells, drawer))
    assert x["drawer"]["expected"] == 10_000 + 3_000 + 1_740 - 960
    assert (x["gross"], x["deposits_taken"]) == (960 + 1_440 - 960 - 480, 200 + 300 - 100)
    z = do("close_shift", counted_minor=x["drawer"]["expected"])
    assert (z["check"], z["drawer"]["difference"]) == ("", 0)
    assert terminal.lane.run(lambda: balance(cells, "imbalance")) == 0
    assert terminal.lane.run(lambda: postings_sum(cells)) == {0: 0}
    assert [row["is_last"] for row in do("history")["rows"]] == [True, False, False]
    terminal.close()
