"""What a code, a chip or a camera's picture means to a till, before the seller says what for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.bar.box import BarBox
from edge.bar.outside import BarOptions, BarOutside
from hardware.ports import Heard
from sync.codes import CodeKind
from sync.names import Role
from tests.edge.bar.tills import BAND, PLACE, SELLER, STAFF, badge, band, voucher
from tests.edge.boxes import Child, code_of, make_folder, office_says, opened
from tests.rush import write_rush

UID = bytes.fromhex("04a1b2c3d4e5f6")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[BarBox]:
    folder = make_folder(tmp_path / "bar", "bar")
    one = BarBox(folder, lambda _: None, None, needs_staff=True, needs_shift=True)
    one.start()
    one.terminal.lane.run(lambda: office_says(one.terminal, PLACE, *STAFF, number=40))
    yield one
    one.stop()


def signed_in(box: BarBox) -> BarBox:
    box.work(box.desk.commands()["sign_in"], dict(badge(SELLER)))
    return box


def test_while_nobody_is_signed_in_only_a_badge_means_anything(box: BarBox) -> None:
    assert box.scan(BAND) == {"event": "closed"}
    shown = code_of(SELLER, CodeKind.STAFF_BADGE)
    assert box.scan(shown) == {"event": "badge", "text": shown}


@pytest.mark.parametrize(
    "code, event",
    [(BAND, "wristband"), (voucher(5), "voucher"), (code_of(7), "strange"), ("hello", "strange")],
)
def test_a_code_is_told_as_what_it_is_and_sells_nothing(box: BarBox, code: str, event: str) -> None:
    signed_in(box)
    facts = box.terminal.lane.run(box.terminal.store.facts)
    answer = box.scan(code)
    assert answer is not None
    assert answer["event"] == event
    assert box.terminal.lane.run(box.terminal.store.facts) == facts


def heard(box: BarBox, what: Heard, tmp_path: Path) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    outside = BarOutside(BarOptions(tmp_path), box.scan, told.append)
    outside.hear(what)
    outside.close()
    return told


def test_a_chip_goes_along_with_its_code_and_stands_alone_without_one(
    box: BarBox, tmp_path: Path
) -> None:
    signed_in(box)
    (told,) = heard(box, Heard(BAND, UID, "nfc", 12), tmp_path)
    assert told["shown"] == {"text": BAND, "uid": UID.hex(), "taps": 12}
    (told,) = heard(box, Heard(None, UID, "nfc"), tmp_path)
    assert (told["event"], told["shown"]) == ("wristband", {"uid": UID.hex(), "taps": None})
    assert heard(box, Heard(None, None, "nfc"), tmp_path) == []
    (told,) = heard(box, Heard(BAND, None, "scanner"), tmp_path)
    assert told["shown"] == BAND


def test_a_till_reads_wristbands_with_its_camera(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "bar", "bar")
    terminal = opened(folder, Role.BAR)
    terminal.lane.run(lambda: office_says(terminal, PLACE, number=40))
    terminal.close()
    video = tmp_path / "guests.avi"
    write_rush(video, [band(5), band(6)], seed=3, guests_a_minute=30)
    seen = []
    with Child(["edge", "bar", folder, "--headless", "--camera", video]) as till:
        for said in iter(till.hear, {}):
            if said["event"] == "wristband":
                seen.append(said["shown"])
            if said["event"] == "camera" and said["state"] == "ended":
                break
    assert seen == [band(5), band(6)]
