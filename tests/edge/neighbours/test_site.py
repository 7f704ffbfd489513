"""Gates on one LAN and no office: what one lets in, the others refuse."""

from pathlib import Path

from edge.neighbours.lan import Lan
from tests.edge.neighbours.sites import SiteGate, eventually, listed, site


def test_a_ticket_admitted_at_one_gate_is_refused_at_every_other(tmp_path: Path) -> None:
    with site(tmp_path, 4) as gates:
        for serial in range(20):
            first = gates[serial % 4]
            assert first.scan(serial) == "admit"
            for other in gates:
                if other is not first:
                    eventually(lambda o=other, s=serial: o.scan(s) == "already_inside", "told", 5)  # type: ignore[misc]


def test_nothing_is_only_here_once_a_neighbour_has_it(tmp_path: Path) -> None:
    with site(tmp_path, 2) as (north, _):
        assert north.scan(1) == "admit"
        eventually(lambda: north.only_here() == 0, "a neighbour holds what north did")


def test_a_gate_that_comes_back_hears_what_it_missed_without_any_office(tmp_path: Path) -> None:
    with site(tmp_path, 2) as (north, south):
        south.neighbours.stop()
        for serial in range(30):
            assert north.scan(serial) == "admit"
        late = SiteGate(tmp_path / "late", 30, listed(north))
        try:
            eventually(lambda: late.scan(29) == "already_inside", "the backlog came")
            eventually(lambda: late.scan(0) == "already_inside", "all of it")
        finally:
            late.close()


def test_neighbours_find_each_other_without_a_list(tmp_path: Path) -> None:
    lan = Lan(finds=True, listed=(), listen=("0.0.0.0", 0))  # noqa: S104 - as a box does
    north = SiteGate(tmp_path / "north", 10, lan)
    south = SiteGate(tmp_path / "south", 11, lan)
    try:
        eventually(lambda: north.figures["neighbours"] == 1, "north found south")
        eventually(lambda: south.figures["neighbours"] == 1, "south found north")
        assert north.scan(5) == "admit"
        eventually(lambda: south.scan(5) == "already_inside", "south was told", 5)
    finally:
        north.close()
        south.close()
