"""The line to the office: what is recorded gets there, whatever the line does in between."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.store.connection import STORE_FILE
from edge.terminal import Terminal
from edge.uplink import Uplink
from sync.names import Role
from tests.edge.real_boxes import CASH, Boxes, is_level, until
from tests.rehearsal.boxes import Office
from tests.rehearsal.cable import Cable


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    one = Office(tmp_path_factory.mktemp("uplink") / "office", 7, "Fair", "EUR")
    one.do("type", "--type", "1", "--name", "Day")
    one.serve()
    yield one
    one.stop()


@pytest.fixture
def cable(office: Office) -> Iterator[Cable]:
    one = Cable(office.port)
    yield one
    one.close()


@pytest.fixture
def boxes(office: Office, tmp_path: Path) -> Iterator[Boxes]:
    every = Boxes(office, tmp_path)
    yield every
    every.stop()


def codes(office: Office, count: int) -> list[str]:
    """Return the texts of new tickets."""
    lines = office.do("issue", "--kind", "ticket", "--type", "1", "--count", str(count))
    return [line.split("\t")[1] for line in lines.splitlines()]


def test_what_a_till_records_is_acknowledged_and_the_clock_is_trusted(
    office: Office, boxes: Boxes, cable: Cable
) -> None:
    till = boxes.start("bar", "till", cable.port)
    until(lambda: is_level(till))
    assert till.ask("status")["clock"]["state"] == "trusted"
    for number in range(20):
        assert till.ask("sell", sale=f"{number:030x}aa", **CASH)["event"] == "paid"
    until(lambda: is_level(till))
    status = till.ask("status")
    assert (status["heard"], status["office_store_read"], status["alone_since_ms"]) == (
        True,
        True,
        None,
    )
    hashes = till.ask("hashes")
    summary = office.ask("/api/v1/summary")
    assert {name: hashes[name] for name in ("office", "money")} == {
        name: summary["hashes"][name] for name in ("office", "money")
    }


def test_selling_goes_on_without_delay_while_the_cable_is_pulled(
    boxes: Boxes, cable: Cable
) -> None:
    till = boxes.start("bar", "till", cable.port)
    until(lambda: is_level(till))
    cable.pull()
    for number in range(300):
        till.ask("sell", sale=f"{number:030x}bb", **CASH)
    until(lambda: not till.ask("status")["connected"])
    status = till.ask("status")
    assert status["only_here"] == 300
    assert status["line"]
    cable.plug()
    until(lambda: is_level(till))


def test_a_copied_ticket_admitted_at_two_gates_is_found_when_they_hear_each_other(
    office: Office, boxes: Boxes, cable: Cable
) -> None:
    north = boxes.start("gate", "north", office.port)
    south = boxes.start("gate", "south", cable.port)
    for gate in (north, south):
        until(lambda gate=gate: is_level(gate))  # type: ignore[misc]
    fair, copied = codes(office, 2)
    until(lambda: north.ask("peek", text=fair)["verdict"] == "admit")
    cable.pull()
    for gate in (north, south):
        assert gate.ask("scan", text=copied)["verdict"] == "admit"
    cable.plug()
    kinds = until(lambda: [c["kind"] for c in south.ask("status")["conflicts"]])
    assert kinds == ["second_admission"]
    assert north.ask("scan", text=fair)["verdict"] == "admit"
    until(lambda: south.ask("peek", text=fair)["reason"] == "already_inside")
    until(lambda: is_level(north) and is_level(south))
    assert [c["kind"] for c in north.ask("status")["conflicts"]] == ["second_admission"]
    hashes = [gate.ask("hashes")["access"] for gate in (north, south)]
    assert hashes == 2 * [office.ask("/api/v1/summary")["hashes"]["access"]]


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_gate_that_lost_its_store_asks_until_the_office_gave_its_journal_back(
    office: Office, boxes: Boxes, cable: Cable, harm: str
) -> None:
    gate = boxes.start("gate", f"gate {harm}", cable.port)
    until(lambda: is_level(gate))
    used, fresh = codes(office, 2)
    until(lambda: gate.ask("peek", text=used)["verdict"] == "admit")
    assert gate.ask("scan", text=used)["verdict"] == "admit"
    until(lambda: is_level(gate))
    facts = gate.ask("status")["facts"]
    gate.stop()
    for path in gate.folder.glob(f"{STORE_FILE}*"):
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(b"\xff" * path.stat().st_size)
    cable.pull()
    gate = boxes.run(gate.folder, "gate")
    assert gate.ready["recovering"]
    assert gate.ready["run"] is None
    assert gate.ready["notices"]
    cable.plug()
    until(lambda: not gate.ask("status")["recovering"])
    assert gate.ask("scan", text=used)["reason"] == "already_inside"
    assert gate.ask("scan", text=fresh)["verdict"] == "admit"
    until(lambda: is_level(gate))
    status = gate.ask("status")
    assert status["facts"] >= facts + 3  # a new run, a refusal, an admission
    assert "forked_journal" not in [one["kind"] for one in status["conflicts"]]


def test_a_box_put_back_to_an_older_image_is_noticed_and_loses_nothing(
    office: Office, boxes: Boxes, cable: Cable, tmp_path: Path
) -> None:
    till = boxes.start("bar", "till", cable.port)
    till.ask("sell", sale="01" * 15 + "cc", **CASH)
    until(lambda: is_level(till))
    till.stop()
    image = tmp_path / "image"
    shutil.copytree(till.folder, image)
    till = boxes.run(till.folder, "bar")
    till.ask("sell", sale="02" * 15 + "cc", **CASH)
    until(lambda: is_level(till))
    till.stop()
    shutil.rmtree(till.folder)
    shutil.copytree(image, till.folder)
    cable.pull()
    till = boxes.run(till.folder, "bar")
    till.ask("sell", sale="03" * 15 + "cc", **CASH)
    cable.plug()
    until(lambda: is_level(till))
    assert "forked_journal" in [one["kind"] for one in till.ask("status")["conflicts"]]
    again = till.ask("sell", sale="02" * 15 + "cc", **CASH)
    assert (again["event"], again["again"]) == ("paid", True)
    assert till.ask("hashes")["money"] == office.ask("/api/v1/summary")["hashes"]["money"]


def test_a_quiet_line_writes_nothing(boxes: Boxes, office: Office) -> None:
    terminal = Terminal(boxes.enrolled("gate", "quiet", office.port), Role.GATE)
    uplink = Uplink(terminal)
    terminal.start()
    uplink.start()
    until(lambda: uplink.is_level and not terminal.lane.run(terminal.only_here))
    changes = []
    for _ in range(3):
        heard_ms = terminal.last_heard_ms
        until(lambda before=heard_ms: terminal.last_heard_ms != before)  # type: ignore[misc]
        changes.append(terminal.lane.run(lambda: terminal.store.connection.total_changes))
    assert changes[1] == changes[2]
    uplink.stop()
    terminal.close()
