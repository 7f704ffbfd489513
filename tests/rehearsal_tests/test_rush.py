"""The recorded rush shows what it says, and a gate's eye finds each guest in it once."""

from pathlib import Path

import pytest

from hardware.code_reader import CodeReader
from hardware.repeats import SameCode
from tests.rush import FRAMES_PER_SECOND, GUESTS_A_MINUTE_MAX, frames_of, write_rush

GUESTS = [f"GU1:{number:03d}" + "W8H%50KL30 $*+-./:" * 6 for number in range(5)]


def found_in(path: Path) -> list[tuple[str, int]]:
    """Return each text that came into view, with its frame, as a gate's eye does."""
    reader, same = CodeReader(lambda: 0), SameCode()
    return [
        (text, at)
        for at, frame in enumerate(frames_of(path))
        for text in reader.read(frame).texts
        if same.is_new(text, at * 1000 // FRAMES_PER_SECOND)
    ]


def test_each_guest_of_a_rush_is_found_once_and_nothing_else(tmp_path: Path) -> None:
    shown = write_rush(tmp_path / "rush.avi", GUESTS, seed=5, guests_a_minute=40)
    found = found_in(tmp_path / "rush.avi")
    assert [text for text, _ in found] == [one.text for one in shown] == GUESTS
    for one, (_, at) in zip(shown, found, strict=True):
        assert one.first_frame <= at <= one.last_frame


def test_a_guest_who_comes_back_is_found_again_and_two_codes_at_once_both(tmp_path: Path) -> None:
    first, second, third = GUESTS[:3]
    path = tmp_path / "rush.avi"
    shown = write_rush(path, [first, (second, third), first], seed=8, guests_a_minute=30)
    assert [one.text for one in shown] == [first, second, third, first]
    assert shown[1].first_frame == shown[2].first_frame
    texts = [text for text, _ in found_in(path)]
    assert (texts[0], set(texts[1:3]), texts[3:]) == (first, {second, third}, [first])


def test_the_same_seed_gives_the_same_video_and_another_seed_another(tmp_path: Path) -> None:
    videos = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        path = tmp_path / f"{name}.avi"
        write_rush(path, GUESTS[:1], seed, quiet_s=0)
        videos.append([frame.tobytes() for frame in frames_of(path)])
    assert videos[0] == videos[1]
    assert videos[0] != videos[2]
    assert len(videos[0]) == 60 * FRAMES_PER_SECOND // 36


def test_nobody_can_hold_a_code_in_no_time(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="guests_a_minute"):
        write_rush(tmp_path / "rush.avi", GUESTS, 1, guests_a_minute=GUESTS_A_MINUTE_MAX + 1)


def test_a_video_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no video"):
        write_rush(tmp_path / "nowhere" / "rush.avi", GUESTS, 1)
