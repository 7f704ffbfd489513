"""A full disk, a lost camera, a waving crowd: the screen stays calm and says what is so."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.gate.screen.words import word
from edge.office_line import REFUSED
from edge.store.connection import StoreTrouble
from edge.terminal import Terminal
from sync.facts import GateSet, ZoneSet
from sync.names import Role
from tests.edge.boxes import code_of
from tests.edge.gate.gates import SINGLE
from tests.edge.gate.screen.screens import furnished, running_screen
from tests.frames import camera_frame, render_code
from tests.full_disk import fill

MINE = bytes([10]) * 16
OFFICE = (SINGLE, GateSet(MINE, 1, "North", 1, ()), ZoneSet(1, 1, "Field", None))


async def test_on_a_full_disk_nobody_comes_in_and_afterwards_everybody_does(
    small_disk: Path, tmp_path: Path
) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    shutil.copytree(folder, small_disk / "gate")
    async with running_screen(small_disk / "gate") as shown:
        await shown.show(code_of(5))
        await shown.sees("Welcome.", "inside 1")
        rests = [fill(small_disk)]
        await shown.show(code_of(6))
        await shown.sees("This gate cannot record.", "disk is full")
        serial = 100
        while shown.app.keeper.box is not None or len(rests) < 3:
            # Closing the store gives some room back, which is taken again.
            rests.append(fill(small_disk, len(rests)))
            serial += 1
            await shown.show(code_of(serial))
        await shown.show(code_of(7))
        await shown.press("f1")
        await shown.sees("Cette porte n'enregistre plus.")
        for rest in rests:
            rest.unlink()
        await shown.until(lambda _: shown.app.keeper.box is not None, "an open store")
        await shown.show(code_of(6))
        await shown.sees("Bienvenue.")


def test_a_box_that_could_not_start_lets_its_folder_go(small_disk: Path, tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    shutil.copytree(folder, small_disk / "gate")
    rest = fill(small_disk)
    for _ in range(2):
        with pytest.raises(StoreTrouble, match="disk"):
            Terminal(small_disk / "gate", Role.GATE)
    rest.unlink()
    Terminal(small_disk / "gate", Role.GATE).close()


async def test_codes_before_the_camera_are_judged_and_several_at_once_are_not(
    tmp_path: Path,
) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    pictures = tmp_path / "pictures"
    pictures.mkdir()

    def hold_up(name: str, image: object) -> None:
        cv2.imwrite(str(tmp_path / name), image)  # type: ignore[call-overload]  # an array
        (tmp_path / name).replace(pictures / name)

    async with running_screen(folder, size=(120, 36), camera=str(pictures)) as shown:
        hold_up("a.png", camera_frame(code_of(5), 1, "easy"))
        await shown.sees("Welcome.")
        two = cv2.hconcat([render_code(code_of(6)), render_code(code_of(7))])
        hold_up("b.png", two)
        await shown.sees(word("several", "en", 2))
        hold_up("c.png", render_code(code_of(6)))
        await shown.sees("Welcome.", "inside 2")
        picture = shown.app.query_one("#camera")
        await shown.until(lambda _: bool(picture._pixels), "a picture")  # type: ignore[attr-defined]
        await shown.press("c")
        await shown.until(
            lambda _: (
                word("camera_off", "en") in picture.render_line(picture.size.height // 2).text
            ),
            "no picture",
        )


async def test_a_camera_that_is_not_there_is_said_and_scanners_go_on(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder, camera="/dev/video97") as shown:
        await shown.sees(word("camera_unplugged", "en"))
        await shown.show(code_of(5))
        await shown.sees("Welcome.")


async def test_a_covered_lens_is_said_on_the_screen_in_both_languages(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    black = np.zeros((360, 640, 3), dtype=np.uint8)
    for number in range(20):
        cv2.imwrite(str(pictures / f"{number:02d}.png"), black)
    options: dict[str, Any] = {"keep_all": True, "frames_per_second": 10}
    async with running_screen(folder, camera=str(pictures), **options) as shown:
        await shown.sees(word("hint_black", "en"))
        await shown.press("f1")
        await shown.sees(word("hint_black", "fr"))


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org",
        "WIFI:S:Fair;T:WPA;P:secret;;",
        "\x00\x01" * 2_000,
        "[red]x[/]",
        "𝕏" * 99,
    ],
)
async def test_what_is_no_ticket_is_refused_in_words_and_never_shown(
    tmp_path: Path, text: str
) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        await shown.show(text)
        seen = await shown.sees("This is not a ticket of ours.")
        assert text[:8] not in seen


async def test_a_scanner_that_types_is_heard_and_its_letters_press_nothing(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        await shown.press("o")
        for char in code_of(5):
            shown.app._typed(shown.app._wedge.press(char, char, 1_000))
        shown.app._typed(shown.app._wedge.press("enter", "\r", 1_001))
        await shown.sees("This gate had not heard that the guest was inside.")
        assert shown.app.stage.direction == "out"


async def test_what_a_handheld_scans_is_counted_and_not_shown_as_this_gates_own(
    tmp_path: Path,
) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        box = shown.app.keeper.box
        assert box is not None

        def scan() -> dict[str, object]:
            with box.desk.elsewhere():
                return box.desk.commands()["scan"]({"text": code_of(5)})

        answer = await shown.lane(scan)
        shown.app.told(answer | {"elsewhere": True})
        text = await shown.sees("inside 1")
        assert "Welcome" not in text


async def test_an_office_that_refuses_the_box_is_said(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        box = shown.app.keeper.box
        assert box is not None
        box.uplink.stop()
        box.uplink.trouble = REFUSED
        await shown.sees(word("office_refuses", "en"))


async def test_a_mistake_of_ours_in_the_lane_is_survived_by_the_scanners(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        box = shown.app.keeper.box
        assert box is not None

        def mistaken(_: str) -> dict[str, object]:
            message = "our own mistake"
            raise ZeroDivisionError(message)

        box.front.hear = mistaken  # type: ignore[assignment,method-assign]  # never
        await shown.show(code_of(5))
        await shown.sees("This gate cannot record.", "our own mistake")
        await shown.until(lambda _: shown.app.keeper.box not in {None, box}, "another inside")
        await shown.show(code_of(5))
        await shown.sees("Welcome.")


async def test_that_nobody_passed_does_not_cover_the_next_guests_verdict(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        await shown.show(code_of(5))
        await shown.sees("Welcome.")
        first = shown.app.stage.last
        assert first is not None
        not_entered = {"event": "not_entered", "serial": 5, "fact": first["fact"], "guests": 1}
        await shown.show(code_of(6))
        await shown.until(lambda _: shown.app.stage.last is not first, "the next guest")
        shown.app.told(not_entered)
        await shown.sees("Welcome.", "✔✔↶")
        second = shown.app.stage.last
        assert second is not None
        shown.app.told(not_entered | {"fact": second["fact"]})
        await shown.sees(word("not_entered", "en"))


async def test_an_undo_takes_the_last_admission_back(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        await shown.press("u")
        await shown.sees(word("nothing_to_undo", "en"))
        await shown.show(code_of(5))
        await shown.sees("Welcome.", "inside 1")
        await shown.press("u")
        await shown.sees(word("undone", "en"), "inside 0")


async def test_after_a_verdict_the_gate_is_ready_again_by_itself(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        await shown.show(code_of(5))
        await shown.sees("Welcome.")
        await asyncio.sleep(2)
        await shown.sees(word("ready_in", "en"))


async def test_a_finger_does_what_a_key_does(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        strips = shown.app.screen._compositor.render_strips()
        line = strips[22].text
        await shown.pilot.click(offset=(line.index(" F1 ") + 1, 22))
        await shown.sees(word("ready_in", "fr"))


async def test_quitting_asks_first(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "gate", *OFFICE)
    async with running_screen(folder) as shown:
        await shown.press("ctrl+q")
        await shown.sees(word("quit_question", "en"))
        await shown.press("n")
        await shown.sees(word("ready_in", "en"))
        app = shown.app
        await shown.press("ctrl+q", "y")
        for _ in range(100):
            if shown.app.return_code is not None or not shown.app.is_running:
                break
            await asyncio.sleep(0.05)
        assert shown.app.return_value == 0
    app.paint()  # what was posted while the screen was taken down finds nothing to paint
