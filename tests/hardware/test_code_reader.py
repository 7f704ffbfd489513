"""Codes are read from real photographs and from frames as a gate sees them."""

from pathlib import Path

import numpy as np
import pytest

from hardware.camera import CameraTrouble, read_picture
from hardware.code_reader import CodeReader, Patience, SlowReader, read_slowly, sharpest_tile
from tests.frames import camera_frame, hard_frames, render_code
from tests.rehearsal.bench_read import says

TEXT = "GU1:" + "W8H%50KL30 $*+-./:" * 6


@pytest.mark.parametrize("seed", range(6))
def test_an_easy_frame_is_always_read(seed: int) -> None:
    assert TEXT in CodeReader().read(camera_frame(TEXT, seed, "easy")).texts


def test_a_usual_frame_is_read_by_the_fast_readers() -> None:
    read = [TEXT in CodeReader().read(camera_frame(TEXT, s, "usual")).texts for s in range(12)]
    assert sum(read) >= 11


def test_the_same_seed_gives_the_same_frame() -> None:
    first = camera_frame(TEXT, 3, "hard")
    assert np.array_equal(first, camera_frame(TEXT, 3, "hard"))
    assert not np.array_equal(first, camera_frame(TEXT, 4, "hard"))


def test_the_worker_reads_frames_that_the_fast_readers_cannot() -> None:
    reader = CodeReader()
    frames = hard_frames(16, seed=9)
    missed = [(text, frame) for text, frame in frames if text not in reader.read(frame).texts]
    assert missed, "the frames are too easy to tell"
    assert any(text in read_slowly(frame).texts for text, frame in missed)


def test_nothing_is_read_where_nothing_is() -> None:
    empty = np.zeros((720, 1280, 3), dtype=np.uint8)
    noise = np.random.default_rng(1).integers(0, 255, (720, 1280, 3)).astype(np.uint8)
    for picture in (empty, noise):
        assert CodeReader().read(picture).texts == ()
        assert read_slowly(picture).texts == ()


def test_sharpness_is_judged_by_the_sharpest_tile() -> None:
    blank = np.full((720, 1280), 128, dtype=np.uint8)
    small_code = blank.copy()
    code = render_code(TEXT, 4)
    small_code[100 : 100 + code.shape[0], 900 : 900 + code.shape[1]] = code
    assert sharpest_tile(blank) == 0
    assert sharpest_tile(small_code) > 1_000


def test_the_slow_reader_takes_one_frame_at_a_time_and_answers_once() -> None:
    slow = SlowReader()
    try:
        frame = camera_frame(TEXT, 1, "usual")
        assert slow.offer(frame)
        assert not slow.offer(frame)
        reading = None
        while reading is None:
            reading = slow.collect()
        assert TEXT in reading.texts
        assert slow.collect() is None
        assert slow.offer(frame)
    finally:
        slow.close()


def test_patience_ends_after_a_second_without_success_and_starts_again() -> None:
    patience = Patience(1_000)
    times = [(0, False), (900, False), (1_000, True), (1_500, False), (2_000, True)]
    assert [(at, patience.is_over(found=False, now_ms=at)) for at, _ in times] == times
    assert not patience.is_over(found=True, now_ms=2_900)
    assert not patience.is_over(found=False, now_ms=3_800)


def test_real_photographs_are_read_and_none_wrongly(shared_data: Path) -> None:
    reader = CodeReader()
    right, wrong, texts = 0, [], 0
    for truth in sorted((shared_data / "qr_photos").glob("qrcode-*/*.txt")):
        pictures = [truth.with_suffix(s) for s in (".png", ".jpg", ".webp")]
        picture = next((p for p in pictures if p.exists()), None)
        if picture is None:
            continue
        texts += 1
        found = [says(t) for t in reader.read(read_picture(picture)).texts]
        if says(truth.read_text(encoding="utf-8")) in found:
            right += 1
        elif found:
            wrong.append(picture.name)
    assert wrong == []
    assert right >= 0.95 * texts


def test_nothing_is_found_in_pictures_that_hold_no_code(shared_data: Path) -> None:
    reader = CodeReader()
    pictures = sorted((shared_data / "qr_photos" / "falsepositives-1").iterdir())
    pictures = [p for p in pictures if p.suffix in {".png", ".jpg", ".webp"}]
    assert pictures
    for path in pictures:
        try:
            picture = read_picture(path)
        except CameraTrouble:
            continue
        assert reader.read(picture).texts == (), path.name
