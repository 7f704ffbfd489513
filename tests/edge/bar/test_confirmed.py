"""Whose acknowledgement makes room at a till, and when a hub may lend: told by hand to boxes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.confirmed import heard_from
from edge.terminal import Terminal
from sync.facts import AuthorityHanded, TerminalRevoked
from sync.names import Role, RunId, TerminalId
from tests.edge.bar.tills import PLACE, Till
from tests.edge.boxes import make_folder, office_says, opened

HUB = TerminalId(bytes([30]) * 16)
OTHER = TerminalId(bytes([31]) * 16)
TO_HUB = AuthorityHanded(1, HUB)


def own_runs(terminal: Terminal) -> list[tuple[RunId, int]]:
    mine = terminal.store.shelf.runs_of(terminal.manifest.terminal_id)
    return [(one.run, one.head_number) for one in mine]


def told_by_office(till: Till, *, is_read: bool = True) -> None:
    def job() -> None:
        with till.terminal.store.transaction():
            till.terminal.acknowledge(own_runs(till.terminal), is_read=is_read)

    till.terminal.lane.run(job)


def told_by(till: Till, partner: TerminalId, *, is_read: bool = True) -> None:
    terminal = till.terminal
    terminal.lane.run(lambda: heard_from(terminal, partner, own_runs(terminal), is_read=is_read))


def unacknowledged(till: Till) -> int:
    return till.terminal.lane.run(lambda: till.terminal.store.till.spent_unacknowledged(77))


@pytest.fixture
def spender(till: Till) -> Till:
    till.top_up(1, 12_000)
    till.sell(1, 3_000)
    return till


def test_while_the_office_is_the_authority_only_its_word_makes_room(spender: Till) -> None:
    told_by(spender, HUB)
    assert unacknowledged(spender) == 3_000
    told_by_office(spender)
    assert unacknowledged(spender) == 0


def test_a_word_counts_only_if_everything_was_read_that_the_authority_had(spender: Till) -> None:
    told_by_office(spender, is_read=False)
    assert unacknowledged(spender) == 3_000
    spender.says(TO_HUB, number=60)
    told_by(spender, HUB, is_read=False)
    assert unacknowledged(spender) == 3_000


def test_while_a_hub_is_the_authority_the_offices_word_makes_no_room(spender: Till) -> None:
    spender.says(TO_HUB, number=60)
    told_by_office(spender)
    told_by(spender, OTHER)
    assert unacknowledged(spender) == 3_000
    assert spender.terminal.lane.run(spender.terminal.only_here) == 0
    told_by(spender, HUB)
    assert unacknowledged(spender) == 0


def test_what_was_acknowledged_stays_so_over_a_restart(spender: Till, tmp_path: Path) -> None:
    spender.says(TO_HUB, number=60)
    told_by(spender, HUB)
    spender.sell(2, 500)
    spender.terminal.close()
    spender.terminal = opened(tmp_path / "bar", Role.BAR)
    assert unacknowledged(spender) == 500


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Terminal]:
    one = opened(make_folder(tmp_path / "hub", "hub", 30), Role.HUB)
    one.lane.run(lambda: office_says(one, PLACE, number=40))
    yield one
    one.close()


def ready(hub: Terminal) -> bool:
    return hub.lane.run(lambda: hub.confirmed.is_ready)


def read_office(hub: Terminal, *, is_read: bool = True) -> None:
    def job() -> None:
        with hub.store.transaction():
            hub.acknowledge((), is_read=is_read)

    hub.lane.run(job)


def test_a_hub_lends_once_it_has_read_to_its_end_who_gave_it_the_authority(hub: Terminal) -> None:
    read_office(hub)
    hub.lane.run(lambda: office_says(hub, TO_HUB, number=60))
    assert not ready(hub)
    read_office(hub, is_read=False)
    hub.lane.run(lambda: heard_from(hub, OTHER, (), is_read=True))
    assert not ready(hub)
    read_office(hub)
    assert ready(hub)


def test_a_hub_that_another_gave_the_authority_reads_that_one_or_waits_until_it_is_revoked(
    hub: Terminal, tmp_path: Path
) -> None:
    other = opened(make_folder(tmp_path / "other", "hub", 31), Role.HUB)
    other.lane.run(lambda: office_says(other, AuthorityHanded(1, OTHER), number=60))
    given = other.lane.run(lambda: other.record(AuthorityHanded(2, HUB)))
    opening = other.opening
    assert opening is not None

    def hear() -> None:
        with hub.store.transaction():
            hub.replica.take([opening.raw, given.raw])

    hub.lane.run(lambda: office_says(hub, AuthorityHanded(1, OTHER), number=60))
    hub.lane.run(hear)
    other.close()
    read_office(hub)
    assert not ready(hub)
    last = ((opening.run, 9),)
    hub.lane.run(lambda: office_says(hub, TerminalRevoked(OTHER, last), number=62))
    assert ready(hub)


def test_a_hub_that_lost_its_store_lends_no_more_under_the_version_that_it_held(
    tmp_path: Path,
) -> None:
    folder = make_folder(tmp_path / "hub", "hub", 30)
    hub = opened(folder, Role.HUB)
    hub.lane.run(lambda: office_says(hub, TO_HUB, number=60))
    read_office(hub)
    assert ready(hub)
    hub.close()
    hub = opened(folder, Role.HUB)
    assert ready(hub)
    hub.close()
    for part in folder.glob("terminal.db*"):
        part.unlink()
    hub = opened(folder, Role.HUB)
    assert hub.is_recovering
    hub.lane.run(lambda: office_says(hub, TO_HUB, number=60))

    def back() -> None:
        with hub.store.transaction():
            hub.acknowledge((), is_read=True)
            hub.give_back()
        hub.open_run()

    hub.lane.run(back)
    assert not ready(hub)
    handed = (AuthorityHanded(2, None), AuthorityHanded(3, HUB))
    hub.lane.run(lambda: hub.record(handed[0]))
    hub.lane.run(lambda: office_says(hub, handed[1], number=62))
    assert not ready(hub)
    read_office(hub)
    assert ready(hub)
    hub.close()


def test_who_is_level_is_known_from_whole_exchanges_of_this_start(hub: Terminal) -> None:
    notes = hub.confirmed
    assert notes.level_ms == {}
    hub.lane.run(lambda: heard_from(hub, OTHER, (), is_read=True))
    assert notes.level_ms == {OTHER: hub.timekeeper.monotonic_ms()}
    hub.lane.run(lambda: heard_from(hub, OTHER, (), is_read=False))
    assert notes.level_ms == {}
