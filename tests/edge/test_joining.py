"""A box that joins late: ready by a snapshot, proved by the records, whatever happens between."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloud.settings import open_office
from cloud.snapshots.making import folder_of
from edge.chores import report
from edge.gate.desk import GateDesk
from edge.joining import join, open_terminal
from edge.limits import SWAP_FACTS_MAX
from edge.looking_back import LookingBack
from edge.office_line import OfficeLine, Patience
from edge.office_talk import OfficeTalk
from edge.pace import Pace
from edge.store import next_cells
from edge.store.connection import RECOUNT_FILE, STORE_FILE
from edge.terminal import Terminal
from edge.uplink import PATH
from provisioning.keys import load_key_file
from provisioning.manifest import load, save
from sync import accounts, history
from sync.admission import Direction
from sync.cells import CellKey, CellKind, area_hashes
from sync.codec import encode
from sync.codes import CodeKind, Ticket, issue
from sync.conversation import BadMessage
from sync.facts import Refused
from sync.keys import digest
from sync.names import AREAS_OF_ROLE, Area, Role
from sync.snapshot import (
    Digest,
    Head,
    RunRow,
    pages_of,
    parts_of,
    read_head,
    read_page,
    read_run_page,
    run_pages,
    spell_head,
)
from tests.rehearsal.boxes import Office, guichet
from tests.rehearsal.joiner_world import FESTIVAL, ZONE, make_office

TICKETS, FACTS = 60, 900
ROLES = ("gate", "bar")
REFUSAL = Refused(None, b"digest8!", "not_a_code", ZONE, None)


class Late:
    """The office of a festival that has been going on, and boxes that come to it."""

    def __init__(self, folder: Path) -> None:
        make_office(folder / "office", TICKETS, FACTS, lambda *_: None)
        self.office = Office.of(folder / "office")
        self.office.serve()
        self.opened = open_office(self.office.folder)
        self._boxes = folder
        self._count = 0

    def snapshot(self) -> None:
        guichet("cloud", "snapshot", self.office.folder)

    def enrolled(self, role: str) -> Path:
        self._count += 1
        folder = self._boxes / f"box-{self._count}"
        self.office.enrol(folder, role, f"Late {self._count}", ZONE, self.office.port)
        return folder

    def hashes(self, role: Role) -> dict[str, str]:
        found: dict[str, str] = self.office.ask("/api/v1/summary")["hashes"]
        return {area.name.lower(): found[area.name.lower()] for area in AREAS_OF_ROLE[role]}

    def files(self, role: Role) -> Path:
        return folder_of(self.office.folder, role)

    def head(self, role: Role) -> Head:
        content = (self.files(role) / "head").read_bytes()
        return read_head(content, self.opened.key.public, FESTIVAL, role)

    def pages(self, role: Role) -> list[bytes]:
        return [
            page
            for mark, _ in self.head(role).parts
            for page in pages_of((self.files(role) / f"{mark.hex()}.part").read_bytes(), mark)
        ]

    def puts(self, role: Role, pages: list[bytes], **more: object) -> None:
        """Put other pages in the place of a snapshot's, signed by the office's own key."""
        marks = []
        whole = Digest()
        for page in pages:
            if read_page(page)[0] > 2:
                whole.add(page)
        for part in parts_of(pages):
            (self.files(role) / f"{digest(part).hex()}.part").write_bytes(part)
            marks.append((digest(part), len(part)))
        told = {"parts": tuple(marks), "cells_digest": whole.value(), **more}
        head = replace(self.head(role), **told)  # type: ignore[arg-type]  # by name
        (self.files(role) / "head").write_bytes(spell_head(head, self.opened.key))


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Late]:
    one = Late(tmp_path_factory.mktemp("late"))
    yield one
    one.office.stop()


@pytest.fixture(autouse=True)
def fresh(late: Late) -> None:
    """Every test finds a sound snapshot."""
    shutil.rmtree(late.office.folder / "snapshots", ignore_errors=True)
    late.snapshot()


def role_of(name: str) -> Role:
    return Role.GATE if name == "gate" else Role.BAR


def joined(folder: Path, role: Role) -> Terminal:
    terminal = open_terminal(folder, role)
    terminal.start()
    return terminal


def level(terminal: Terminal) -> None:
    """Exchange with the office until neither has anything to say."""
    talk, line = OfficeTalk(terminal), OfficeLine(terminal, Patience(3, 10, 30_000))
    for _ in range(100):
        answer = line.post(PATH, terminal.lane.run(talk.say))
        heard = terminal.lane.run(lambda a=answer: talk.hear(a.body))  # type: ignore[misc]
        assert not isinstance(heard, BadMessage)
        if not heard.more:
            line.close()
            return
    pytest.fail("the conversation does not end")


def look_back(terminal: Terminal) -> LookingBack:
    looking = LookingBack(terminal)
    looking.run()
    return looking


def hashes(terminal: Terminal) -> dict[str, str]:
    areas = AREAS_OF_ROLE[terminal.role]
    return terminal.lane.run(lambda: area_hashes(terminal.store.shelf.cells, areas))


def is_sound(late: Late, terminal: Terminal) -> bool:
    """Tell whether a box stands on its own records and holds what the office holds."""
    level(terminal)
    store = terminal.store
    assert terminal.lane.run(lambda: (store.standing, terminal.replica.covered)) == (None, None)
    found = report(terminal.folder)
    assert found["is_well"], found
    return hashes(terminal) == late.hashes(terminal.role)


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


# --- what is not as it should be ---


def altered(late: Late) -> None:
    mark = late.head(Role.GATE).parts[-1][0]
    path = late.files(Role.GATE) / f"{mark.hex()}.part"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(late: Late) -> None:
    mark = late.head(Role.GATE).parts[-1][0]
    path = late.files(Role.GATE) / f"{mark.hex()}.part"
    path.write_bytes(path.read_bytes()[:-10])


def gone(late: Late) -> None:
    for path in late.files(Role.GATE).glob("*.part"):
        path.unlink()


def of_a_till(late: Late) -> None:
    """The office would not give this head out by mistake, so its parts go under the gate's."""
    pages = late.pages(Role.BAR)
    late.puts(Role.GATE, pages, cells=late.head(Role.BAR).cells)


def twice(late: Late) -> None:
    pages = late.pages(Role.GATE)
    late.puts(Role.GATE, [*pages, pages[-1]], cells=late.head(Role.GATE).cells)


def another_digest(late: Late) -> None:
    late.puts(Role.GATE, late.pages(Role.GATE), cells_digest=b"\0" * 32)


def another_count(late: Late) -> None:
    late.puts(Role.GATE, late.pages(Role.GATE), cells=3)


@pytest.mark.parametrize(
    "harm", [altered, cut, gone, of_a_till, twice, another_digest, another_count]
)
def test_a_snapshot_that_is_not_whole_is_not_used_and_the_box_reads_the_journals(
    late: Late, harm: Callable[[Late], None]
) -> None:
    harm(late)
    terminal = joined(late.enrolled("gate"), Role.GATE)
    assert len(terminal.notices) == 1
    assert "reads all journals instead" in terminal.notices[0]
    assert terminal.store.facts() == 1
    assert is_sound(late, terminal)
    terminal.close()


def test_without_a_snapshot_or_an_office_a_box_starts_as_it_always_did(late: Late) -> None:
    shutil.rmtree(late.office.folder / "snapshots")
    terminal = joined(late.enrolled("gate"), Role.GATE)
    assert terminal.notices == []
    assert is_sound(late, terminal)
    terminal.close()
    folder = late.enrolled("gate")
    save(replace(load(folder), office="http://127.0.0.1:9"), folder)
    alone = joined(folder, Role.GATE)
    assert (alone.notices, alone.store.facts()) == ([], 1)
    alone.close()


def test_a_box_that_has_worked_is_never_given_a_snapshot(late: Late) -> None:
    folder = late.enrolled("gate")
    Terminal(folder, Role.GATE).close()
    terminal = joined(folder, Role.GATE)
    assert terminal.lane.run(lambda: terminal.store.standing) is None
    assert is_sound(late, terminal)
    terminal.close()


def test_a_state_that_the_records_do_not_bear_out_gives_way_to_the_boxs_own(late: Late) -> None:
    """The office signed one zone too many and forgot a status: its records say otherwise."""
    pages = late.pages(Role.GATE)
    zone = encode([3, 2, int(CellKind.INSIDE), 0, [b"\x77\x77"], [encode(5)], b"\0\0"])
    late.puts(Role.GATE, [*pages, zone], cells=late.head(Role.GATE).cells + 1)
    terminal = joined(late.enrolled("gate"), Role.GATE)
    cells = terminal.store.shelf.cells
    assert terminal.lane.run(lambda: history.inside_count(cells, 0x7777)) == 5
    level(terminal)
    look_back(terminal)
    assert terminal.lane.run(lambda: history.inside_count(cells, 0x7777)) == 0
    assert is_sound(late, terminal)
    terminal.close()
    again = Terminal(terminal.folder, Role.GATE)
    assert any("was not what the records say" in one for one in again.notices)
    again.close()


def test_a_run_with_a_key_that_is_not_its_own_ends_the_snapshot(late: Late) -> None:
    def other_key(page: bytes) -> bytes:
        values = read_page(page)
        if values[0] != 1:
            return page
        rows = [one for one in read_run_page(values) if isinstance(one, RunRow)]
        return next(run_pages([replace(rows[0], key=bytes(32)), *rows[1:]], []))

    late.puts(Role.GATE, [other_key(page) for page in late.pages(Role.GATE)])
    terminal = joined(late.enrolled("gate"), Role.GATE)
    level(terminal)
    assert look_back(terminal).stage == "stopped"
    assert terminal.lane.broken is not None
    terminal.close()
    again = Terminal(terminal.folder, Role.GATE)
    again.start()
    assert any("snapshot was false" in one for one in again.notices)
    assert is_sound(late, again)
    again.close()


def test_damaged_cells_end_the_snapshot_because_no_record_can_make_them_again(late: Late) -> None:
    terminal = joined(late.enrolled("gate"), Role.GATE)
    level(terminal)
    key = CellKey(Area.ACCESS, CellKind.INSIDE, ZONE.to_bytes(2, "big"))
    with terminal.store.transaction():
        terminal.store.connection.execute(
            "UPDATE cells SET seal = seal + 1 WHERE area = ? AND kind = ? AND key = ?", key
        )
    terminal.close()
    again = Terminal(terminal.folder, Role.GATE)
    again.start()
    assert any("made again" in one for one in again.notices)
    assert is_sound(late, again)
    again.close()


# --- power cuts ---


class Camera:
    """Takes pictures of a store's files now and then, as a power cut would leave them."""

    def __init__(self, folder: Path, into: Path, every: int) -> None:
        self.pictures: list[Path] = []
        self._folder = folder
        self._into = into
        self._every = every
        self._count = 0

    def __call__(self, statement: str) -> None:
        self._count += 1
        if self._count % self._every:
            return
        picture = self._into / f"{len(self.pictures)}"
        picture.mkdir()
        for path in self._folder.iterdir():
            if path.suffix != ".lock" and not path.name.endswith("-shm"):
                shutil.copy(path, picture / path.name)
        self.pictures.append(picture)
        assert statement


def test_a_power_cut_at_any_step_leaves_a_box_that_comes_to_the_same_end(
    late: Late, tmp_path: Path
) -> None:
    role, folder = Role.GATE, late.enrolled("gate")
    (tmp_path / "joining").mkdir()
    (tmp_path / "looking").mkdir()
    terminal = Terminal(folder, role, opens_run=False)
    joining = Camera(folder, tmp_path / "joining", 3)
    terminal.store.connection.set_trace_callback(joining)
    assert join(terminal)
    terminal.store.connection.set_trace_callback(None)
    terminal.open_run()
    terminal.start()
    level(terminal)
    looking = Camera(folder, tmp_path / "looking", 331)
    terminal.store.connection.set_trace_callback(looking)
    look_back(terminal)
    terminal.store.connection.set_trace_callback(None)
    assert is_sound(late, terminal)
    end = hashes(terminal)
    terminal.close()
    stood = set()
    for picture in [*joining.pictures[::60], *joining.pictures[-2:], *looking.pictures]:
        again = joined(picture, role)
        stood.add(again.lane.run(lambda a=again: a.store.standing is not None))  # type: ignore[misc]
        assert again.notices == []
        level(again)
        look_back(again)
        assert is_sound(late, again)
        assert again.store.facts() >= 2
        names = again.store.connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'cells%'"
        ).fetchall()
        assert names == [("cells",)]
        again.close()
    assert stood == {True, False} or len(looking.pictures) > 5
    assert end
    assert (folder / STORE_FILE).exists()


def test_the_cells_change_places_only_when_nearly_nothing_is_left_to_fold(late: Late) -> None:
    terminal = joined(late.enrolled("gate"), Role.GATE)
    store, replica = terminal.store, terminal.replica
    level(terminal)
    terminal.lane.run(lambda: next_cells.begin(store))
    for _ in range(SWAP_FACTS_MAX + 1):
        terminal.lane.run(lambda: terminal.record(REFUSAL))
    assert not terminal.lane.run(lambda: next_cells.swap(store, replica, 0))
    assert terminal.lane.run(lambda: store.standing is not None)
    terminal.close()
