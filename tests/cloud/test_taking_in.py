import asyncio
from pathlib import Path

from cloud.store.enrolment_codes import EnrolmentCodes
from cloud.terminals.service import give_out
from provisioning.chance import random_bytes
from provisioning.enrol import enrol
from provisioning.manifest import Manifest
from sync import allotments, catalogue
from sync.names import Role
from tests.cloud.offices import TestOffice, open_office

ZONE: dict[str, object] = {"kind": "zone", "zone": 3, "name": "Field", "capacity": 80}


def wait(_: int) -> None:
    return


async def enrolled(office: TestOffice, folder: Path, role: Role, name: str) -> Manifest:
    """Enrol a box as a technician does: a code from the office, typed into the box."""
    path, key, now_s = office.folder.path, office.folder.festival_key, office.now_ms // 1_000
    codes = EnrolmentCodes(path, office.folder.festival)
    code = give_out(codes, key, role, name, 3, now_s, random_bytes).text
    result = await asyncio.to_thread(enrol, folder, office.url, code, random_bytes, wait=wait)
    assert isinstance(result, Manifest), result
    return result


async def test_a_box_is_taken_in_placed_named_and_lent_its_part(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await enrolled(office, tmp_path / "gate", Role.GATE, "North")
        bar = await enrolled(office, tmp_path / "bar", Role.BAR, "Main")
        cells = office.office.cells
        place = catalogue.gate_of(cells, gate.terminal_id)
        assert place is not None
        assert (place.name, place.zone) == ("North", 3)
        assert allotments.held(cells, allotments.zone_resource(3), gate.terminal_id) == 40
        assert catalogue.terminal_names(cells) == {
            gate.terminal_id: "North",
            bar.terminal_id: "Main",
        }
        found = await office.get("/api/v1/summary")
        assert [row["state"] for row in found["terminals"]] == ["never", "never"]
    assert (gate.currency, gate.time_zone, gate.festival_name) == ("EUR", "Europe/Paris", "Été")
    assert gate.office_id == office.desk.receiver_id
