"""Measures reading: real photographs, hard synthetic frames, and zxing alone in the same run."""

import statistics
import sys
from pathlib import Path
from typing import Any

from hardware.camera import CameraTrouble, read_picture
from hardware.code_reader import CodeReader, grey_of, read_slowly, read_zxing
from hardware.wall_clock import monotonic_us
from tests.frames import hard_frames
from tests.real_data import real_data

HARD_FRAMES = 60
PHOTO_ROUNDS = 3


def run() -> list[dict[str, Any]]:
    """Return the figures of reading; the photographs are left out, aloud, where they are absent."""
    photos = real_data() / "qr_photos"
    rows: list[dict[str, Any]] = []
    if photos.is_dir():
        rows += _photo_rows(photos)
    else:
        sys.stderr.write(f"no photographs at {photos}: their figures are left out\n")
    return rows + _frame_rows()


def _row(name: str, value: float, unit: str, limit: float, method: str) -> dict[str, Any]:
    ratio = round(value / limit, 3) if limit else None
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "limit": limit,
        "ratio": ratio,
        "method": method,
    }


def says(text: str) -> str:
    """Return what a code says without the ways in which readers spell line ends and controls."""
    plain = text.replace("<GS>", "\x1d").replace("\r\n", "\n").strip()
    return "".join(c for c in plain if c >= " " or c == "\n")


def _photo_rows(photos: Path) -> list[dict[str, Any]]:
    reader = CodeReader()
    right = wrong = texts = false_found = 0
    spent: list[int] = []
    alone: list[int] = []
    for path in sorted(photos.rglob("*")):
        truth = path.with_suffix(".txt")
        try:
            image = read_picture(path) if path.suffix in {".png", ".jpg", ".webp"} else None
        except CameraTrouble:
            continue
        if image is None:
            continue
        reading = reader.read(image)
        if "falsepositives" in path.parent.name:
            false_found += len(reading.texts)
        elif truth.exists():
            texts += 1
            hit = says(truth.read_text(encoding="utf-8")) in [says(t) for t in reading.texts]
            right += hit
            wrong += bool(reading.texts) and not hit
            spent.append(min(reader.read(image).microseconds for _ in range(PHOTO_ROUNDS)))
            alone.append(min(_zxing_us(image) for _ in range(PHOTO_ROUNDS)))
    ours, theirs = statistics.median(spent) / 1000, statistics.median(alone) / 1000
    method = f"in-line readers on {texts} photographs with a text"
    return [
        _row("photos_read_share", right / texts, "share", 0.95, method),
        _row("photos_read_wrong", wrong, "photos", 0, method),
        _row("false_positives", false_found, "codes", 0, "pictures that hold no code"),
        _row("photo_median", ours, "ms", round(2 * theirs, 3), "limit: 2 x zxing-cpp alone here"),
    ]


def _zxing_us(image: Any) -> int:
    started_us = monotonic_us()
    read_zxing(grey_of(image))
    return monotonic_us() - started_us


def _frame_rows() -> list[dict[str, Any]]:
    reader = CodeReader()
    frames = hard_frames(HARD_FRAMES, seed=1)
    in_line = with_worker = 0
    spent: list[int] = []
    for text, frame in frames:
        reading = reader.read(frame)
        spent.append(reading.microseconds)
        hit = text in reading.texts
        in_line += hit
        with_worker += hit or text in read_slowly(frame).texts
    p95 = statistics.quantiles(spent, n=20)[-1] / 1000
    method = f"{len(frames)} hard frames of 1280x720 from seed 1"
    return [
        _row("hard_frames_in_line_share", in_line / len(frames), "share", 0.72, method),
        _row("hard_frames_with_worker_share", with_worker / len(frames), "share", 0.76, method),
        _row("hard_frame_p95", p95, "ms", 60, method),
    ]
