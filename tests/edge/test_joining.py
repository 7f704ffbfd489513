"""A box that joins late: ready by a snapshot, proved by the records, whatever happens between."""

from collections.abc import Callable

import pytest

from edge.gate.desk import GateDesk
from edge.pace import Pace
from edge.store.connection import RECOUNT_FILE
from edge.terminal import Terminal
from provisioning.keys import load_key_file
from sync import accounts, history
from sync.admission import Direction
from sync.cells import CellKind
from sync.codes import CodeKind, Ticket, issue
from sync.names import Area, Role
from tests.edge.late import REFUSAL, ROLES, Late, is_sound, joined, level, look_back, role_of
from tests.rehearsal.joiner_world import FESTIVAL


def _gate_truth(late: Late) -> Callable[[object], bool]:
    summary = late.office.ask("/api/v1/summary")

    def is_true(cells: object) -> bool:
        inside = history.inside_counts(cells)  # type: ignore[arg-type]  # cells of a store
        return bool({str(zone): n for zone, n in inside.items()} == summary["inside"])

    return is_true


def _bar_truth(late: Late) -> Callable[[object], bool]:
    wallets = late.office.ask("/api/v1/summary")["wallets"]

    def is_true(cells: object) -> bool:
        known = dict(accounts.wallets(cells))  # type: ignore[arg-type]  # cells of a store
        return bool({"count": len(known), "total_minor": sum(known.values())} == wallets)

    return is_true


def truth_for(late: Late, role: Role) -> Callable[[object], bool]:
    return _gate_truth(late) if role is Role.GATE else _bar_truth(late)


@pytest.mark.parametrize("name", ROLES)
def test_a_new_box_knows_the_festival_before_it_has_any_record_of_it(late: Late, name: str) -> None:
    role = role_of(name)
    terminal = joined(late.enrolled(name), role)
    assert terminal.store.facts() == 1
    assert terminal.notices == []
    cells = terminal.store.shelf.cells
    truth = truth_for(late, role)
    assert terminal.lane.run(lambda: truth(cells))
    terminal.close()


@pytest.mark.parametrize("name", ROLES)
def test_in_the_background_the_box_comes_to_stand_on_its_own_records(late: Late, name: str) -> None:
    terminal = joined(late.enrolled(name), role_of(name))
    level(terminal)
    look_back(terminal)
    assert is_sound(late, terminal)
    assert terminal.notices == []
    assert not (terminal.folder / RECOUNT_FILE).exists()
    terminal.close()
    again = Terminal(terminal.folder, terminal.role)
    again.start()
    assert again.notices == []
    assert is_sound(late, again)
    again.close()


def codes(late: Late, terminal: Terminal) -> list[str]:
    """Return the code of every ticket of which a passage is known."""
    key = load_key_file(late.opened.issuing_key_file(1))
    cells = terminal.store.shelf.cells
    found = terminal.lane.run(lambda: list(cells.items(Area.ACCESS, CellKind.HISTORY)))
    serials = [int.from_bytes(place.key, "big") for place, _ in found]
    tickets = [Ticket(CodeKind.TICKET, 1, FESTIVAL, one, 1 + one % 3, 0, 0, 0) for one in serials]
    return [issue(ticket, key) for ticket in tickets]


def verdicts(terminal: Terminal, texts: list[str], what: str) -> list[tuple[str, str]]:
    """Return what a gate says of each code in both directions."""
    desk = GateDesk(terminal)
    said = []
    for text in texts:
        for way in Direction:
            ask = desk.scans.peek if what == "peek" else desk.scan
            answer = terminal.lane.run(lambda t=text, w=way, a=ask: a(t, w))  # type: ignore[misc]
            said.append((answer["verdict"], answer["reason"]))
    return said


def test_a_gate_that_joined_says_of_every_ticket_what_one_that_read_everything_says(
    late: Late,
) -> None:
    full = Terminal(late.enrolled("gate"), Role.GATE)
    full.start()
    level(full)
    terminal = joined(late.enrolled("gate"), Role.GATE)
    level(terminal)
    texts = codes(late, full)
    assert texts == codes(late, terminal)
    said = verdicts(terminal, texts, "peek")
    assert said == verdicts(full, texts, "peek")
    assert {verdict for verdict, _ in said} == {"admit", "ask", "refuse"}
    full.close()
    verdicts(terminal, texts, "scan")
    look_back(terminal)
    assert is_sound(late, terminal)
    terminal.close()


def test_what_is_recorded_and_heard_between_all_the_steps_is_in_the_state(
    late: Late, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = joined(late.enrolled("gate"), Role.GATE)
    steps = 0

    def between(_: Pace) -> None:
        nonlocal steps
        steps += 1
        if steps % 40 == 0:
            terminal.lane.run(lambda: terminal.record(REFUSAL))
        if steps % 400 == 0:
            late.office.do("status", "--serial", str(steps), "--set", "cancelled")
            level(terminal)

    monkeypatch.setattr(Pace, "tick", between)
    look_back(terminal)
    assert steps > 400
    assert is_sound(late, terminal)
    terminal.close()


def test_a_revocation_that_comes_meanwhile_is_in_the_state_in_the_end(late: Late) -> None:
    other = joined(late.enrolled("gate"), Role.GATE)
    for _ in range(5):
        other.lane.run(lambda: other.record(REFUSAL))
    level(other)
    late.snapshot()
    terminal = joined(late.enrolled("gate"), Role.GATE)
    late.office.do("revoke", "--terminal", other.manifest.terminal)
    level(terminal)
    look_back(terminal)
    assert is_sound(late, terminal)
    terminal.close()
    other.close()
