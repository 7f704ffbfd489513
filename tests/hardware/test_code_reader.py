"""Codes are read from real photographs and from frames as a gate sees them."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from hardware.camera import CameraTrouble, read_picture
from hardware.code_reader import (
    FRAME_BUDGET_US,
    LIKENESS_MIN,
    WORKER_PURSE_US,
    CodeReader,
    Patience,
    SlowReader,
    read_all,
    read_slowly,
)
from hardware.readers import opinions
from hardware.readers.opinions import most_code_like
from hardware.readers.purse import Purse
from tests.frames import camera_frame, crowd_frame, hard_frames, render_code
from tests.rehearsal.bench_read import says

TEXT = "GU1:" + "W8H%50KL30 $*+-./:" * 6


def standing() -> int:
    """Stand for a clock that does not move: no budget is ever used up."""
    return 0


class Ticking:
    """A clock that moves on by as much each time that somebody looks at it."""

    def __init__(self, step_us: int) -> None:
        self.step_us = step_us
        self.at_us = 0

    def __call__(self) -> int:
        self.at_us += self.step_us
        return self.at_us


def like_a_code() -> np.ndarray:
    """Return a frame full of modules that are no code."""
    modules = np.random.default_rng(3).choice((40, 210), (90, 160)).astype(np.uint8)
    return np.kron(modules, np.ones((8, 8), dtype=np.uint8))


def on_grey(code: np.ndarray, pixels: int) -> np.ndarray:
    """Return a grey camera frame with a code of that many pixels in its middle."""
    frame = np.full((720, 1280), 128, dtype=np.uint8)
    small = cv2.resize(code, (pixels, pixels), interpolation=cv2.INTER_AREA)
    frame[200 : 200 + pixels, 500 : 500 + pixels] = small
    return frame


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


def test_most_hard_frames_are_read_in_line_and_none_wrongly() -> None:
    reader = CodeReader(standing)
    readings = [(text, reader.read(frame)) for text, frame in hard_frames(24, seed=300)]
    assert sum(text in reading.texts for text, reading in readings) >= 17
    assert [r.texts for text, r in readings if r.texts and r.texts != (text,)] == []
    assert len({reading.reader for _, reading in readings}) > 2


def test_the_worker_reads_frames_that_the_fast_looks_cannot() -> None:
    fast = CodeReader(Ticking(FRAME_BUDGET_US))  # the budget is always used up after these
    frames = hard_frames(24, seed=300)
    missed = [(text, frame) for text, frame in frames if text not in fast.read(frame).texts]
    assert missed, "the frames are too easy to tell"
    assert any(text in read_slowly(frame).texts for text, frame in missed)


@pytest.mark.parametrize("pixels", [100, 120, 160])
def test_a_tiny_code_is_read(pixels: int) -> None:
    assert CodeReader(standing).read(on_grey(render_code(TEXT), pixels)).texts == (TEXT,)


def test_an_inverted_code_is_read() -> None:
    assert CodeReader(standing).read(on_grey(255 - render_code(TEXT), 300)).texts == (TEXT,)


def test_ten_people_who_wave_their_codes_at_once_are_all_read() -> None:
    reader = CodeReader(standing)
    texts = {f"{TEXT}{number}" for number in range(10)}
    seen: set[str] = set()
    for seed in range(8):
        seen |= set(reader.read(crowd_frame(sorted(texts), seed)).texts)
    assert seen == texts


def test_a_harder_code_is_found_beside_one_that_stays_in_view() -> None:
    frame = on_grey(render_code("easy"), 200)
    harder = cv2.GaussianBlur(on_grey(render_code(TEXT), 260), (0, 0), 3.3)
    frame[:, 800:] = harder[:, 460:940]
    reader = CodeReader(standing)
    first = reader.read(frame).texts
    assert first == ("easy",), "the second code is too easy to tell"
    assert {text for _ in range(2) for text in reader.read(frame).texts} == {"easy", TEXT}


def test_a_micro_code_is_not_read_for_it_could_be_anything() -> None:
    micro = segno.make_micro("18905", error=None)
    modules = np.array([list(row) for row in micro.matrix], dtype=np.uint8)
    grey = np.where(np.pad(modules, 4) > 0, 0, 255).astype(np.uint8)
    picture = np.kron(grey, np.ones((10, 10), dtype=np.uint8))
    assert read_all(picture, CodeReader(standing)).texts == ()


def test_no_opinion_reads_another_text_than_the_one_that_is_shown() -> None:
    for text, frame in hard_frames(10, seed=77):
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        for ask in (opinions.by_zbar, opinions.evened, opinions.doubled, opinions.lifted):
            assert {said for said, _ in ask(grey)} <= {text}


def test_no_further_opinion_is_asked_once_the_frame_has_used_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def ask(_: np.ndarray) -> list[tuple[str, bytes]]:
        asked.append("asked")
        return []

    monkeypatch.setattr("hardware.code_reader._WHOLE", (("one", ask), ("two", ask)))
    assert CodeReader(Ticking(FRAME_BUDGET_US // 3)).read(like_a_code()).texts == ()
    assert asked == ["asked"]


def test_an_idle_gate_stops_asking_until_time_or_a_success_fills_its_purse() -> None:
    purse = Purse(capacity_us=1_000, share_percent=10)
    assert purse.is_open(0)
    purse.spend(1_500)
    assert not purse.is_open(5_000)  # 500 were earned: the debt is paid
    assert purse.is_open(5_010)
    purse.spend(9_999)
    purse.fill()
    assert purse.is_open(5_010)
    purse.spend(999)
    assert purse.is_open(1_000_000)
    purse.spend(1_001)
    assert not purse.is_open(1_000_000), "a purse holds no more than its capacity"


def test_nothing_is_read_where_nothing_is() -> None:
    empty = np.zeros((720, 1280, 3), dtype=np.uint8)
    noise = np.random.default_rng(1).integers(0, 255, (720, 1280, 3)).astype(np.uint8)
    for picture in (empty, noise):
        assert CodeReader().read(picture).texts == ()
        assert read_slowly(picture).texts == ()


def test_a_code_anywhere_is_most_like_a_code() -> None:
    blank = np.full((720, 1280), 128, dtype=np.uint8)
    small_code = blank.copy()
    code = render_code(TEXT, 4)
    small_code[100 : 100 + code.shape[0], 900 : 900 + code.shape[1]] = code
    assert most_code_like(blank).likeness == 0
    part = most_code_like(small_code)
    assert part.likeness > 3 * LIKENESS_MIN
    assert opinions.plain(part.grey) == [(TEXT, TEXT.encode())]


def test_noise_and_edges_are_not_like_a_code() -> None:
    noise = np.random.default_rng(1).normal(120, 12, (720, 1280)).clip(0, 255).astype(np.uint8)
    edges = np.full((720, 1280), 60, dtype=np.uint8)
    edges[:, 400:] = 220
    assert most_code_like(noise).likeness < LIKENESS_MIN
    assert most_code_like(edges).likeness < LIKENESS_MIN


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (20, 20), (21, 21), (3, 2000)])
def test_a_picture_of_any_size_is_looked_at(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(2).integers(0, 255, size).astype(np.uint8)
    assert read_all(picture, CodeReader(standing)).texts == ()


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


def test_the_slow_reader_takes_no_frame_in_which_nothing_is_like_a_code() -> None:
    slow = SlowReader()
    try:
        assert not slow.offer(np.full((720, 1280, 3), 128, dtype=np.uint8))
    finally:
        slow.close()


def test_the_slow_reader_rests_when_it_has_spent_its_share() -> None:
    slow = SlowReader(Ticking(WORKER_PURSE_US // 4))
    hopeless = like_a_code()[:360, :640]
    offered = 0
    try:
        while slow.offer(hopeless):
            offered += 1
            reading = None
            while reading is None:
                reading = slow.collect()
            assert reading.texts == ()
            assert offered < 50, "it never rests"
    finally:
        slow.close()
    assert offered > 2


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


def test_a_scratch_over_a_corners_sign_is_mended_within_a_few_frames() -> None:
    picture = np.full((720, 1280), 120, dtype=np.uint8)
    code = render_code(TEXT, 9)
    height, width = code.shape
    picture[40 : 40 + height, 300 : 300 + width] = code
    cv2.line(picture, (350, height - 90), (400, height + 20), 180, 5, cv2.LINE_AA)
    reader = CodeReader(standing)
    assert reader.read(picture).texts == ()
    texts = {text for _ in range(6) for text in reader.read(picture).texts}
    assert texts == {TEXT}
