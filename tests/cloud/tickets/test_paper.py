"""Printed and shown tickets are read back by the product's own reader, text for text."""

import base64
import io
import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cloud.store.tickets import TicketRow
from cloud.tickets.codes import KeyRing
from cloud.tickets.faces import Face, face_of
from cloud.tickets.fonts import Fonts, fonts
from cloud.tickets.paper import Paper, dark_rows, pdf_of, wrapped
from cloud.tickets.picture import WIDTH_PIXELS, png_of
from hardware.code_reader import CodeReader, read_all
from sync.codes import CodeFlag, CodeKind, Ticket, issue
from sync.keys import SecretKey
from sync.limits import U16_MAX, U32_MAX, U64_MAX
from tests.cloud.offices import TestOffice
from tests.cloud.offices import settings as office_settings
from tests.cloud.tickets.desk import DAY, PASS, open_desk
from tests.cloud.tickets.desk import issue as issue_tickets

pytestmark = pytest.mark.one_engine  # nothing here asks a database

LONGEST = issue(
    Ticket(CodeKind.VOUCHER, 255, U32_MAX, U64_MAX, U16_MAX, U32_MAX, U32_MAX, U16_MAX),
    SecretKey(bytes(32)),
)
FACE = Face(
    festival="Été des Charbonnières – Fête de la Musique",
    type="Pass 3 jours",
    rows=(("Valable", "3 juillet 2026, 10:00 – 6 juillet 2026, 04:00"), ("Au nom de", "Zoë Őrsi")),
    number="Billet 1234 5678 903",
    sentence="Montrez ce code à l’entrée.",
    warning="",
    code=LONGEST,
)
FULL = replace(
    FACE,
    festival="The longest name that a festival can have, " * 5,
    type="and a type of ticket that is not short either " * 3,
    rows=tuple((f"label {n}", "a value of very many words " * 8) for n in range(4)),
    sentence="A long sentence that goes on and on. " * 8,
    warning="TEST – lets nobody in",
)
RASTERISERS = {
    "gs": ("gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=pnggray", "-r150"),
    "pdftoppm": ("pdftoppm", "-png", "-gray", "-r", "150"),
}


def texts_in(picture: Any) -> tuple[str, ...]:
    return read_all(picture, CodeReader()).texts


def squares_of(pdf: bytes) -> list[Any]:
    """Draw the squares of each page, and nothing else, as grey pixels."""
    pages = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        except (ValueError, zlib.error):
            continue  # a font
        rows = re.findall(rb"(\S+) (\S+) (\S+) (\S+) re\b", content)
        if rows:
            page = np.full((2_600, 1_800), 255, np.uint8)
            for row in rows:
                x, y, width, height = (float(value) * 3 for value in row)
                cv2.rectangle(
                    page,
                    (round(x), 2_600 - round(y + height)),
                    (round(x + width) - 1, 2_600 - round(y) - 1),
                    0,
                    -1,
                )
            pages.append(page)
    return pages


def rasterised(pdf: bytes, folder: Path) -> list[Any]:
    """Return the pages as a printer would show them, by a program of somebody else."""
    found = next((name for name in RASTERISERS if shutil.which(name)), None)
    if found is None:
        pytest.skip("neither gs nor pdftoppm is here to look at the PDF with")
    source = folder / "tickets.pdf"
    source.write_bytes(pdf)
    command = list(RASTERISERS[found])
    if found == "gs":
        command += [f"-sOutputFile={folder}/page-%03d.png", str(source)]
    else:
        command += [str(source), str(folder / "page")]
    subprocess.run(command, check=True, timeout=60)
    return [cv2.imread(str(p), cv2.IMREAD_GRAYSCALE) for p in sorted(folder.glob("page*.png"))]


@pytest.mark.parametrize("face", [FACE, FULL], ids=["usual", "full"])
@pytest.mark.parametrize("paper", Paper)
def test_the_code_on_paper_is_read_back_text_for_text(
    tmp_path: Path, face: Face, paper: Paper
) -> None:
    (page,) = rasterised(pdf_of([face], paper, "fr"), tmp_path)
    assert texts_in(page) == (LONGEST,)


@pytest.mark.parametrize("paper", Paper)
def test_the_squares_of_every_page_are_the_code_of_its_ticket(paper: Paper) -> None:
    codes = [short_code(serial) for serial in range(3)]
    pages = squares_of(pdf_of([replace(FACE, code=code) for code in codes], paper, "en"))
    assert [texts_in(page) for page in pages] == [(code,) for code in codes]


def short_code(serial: int) -> str:
    return issue(Ticket(CodeKind.TICKET, 1, 7, serial, 1, 0, 0, 0), SecretKey(bytes(32)))


@pytest.mark.parametrize("face", [FACE, FULL], ids=["usual", "full"])
def test_the_picture_for_a_phone_is_read_back_text_for_text(face: Face) -> None:
    content = png_of(face)
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
    assert picture.shape[1] == WIDTH_PIXELS
    assert texts_in(picture) == (LONGEST,)
    small = cv2.resize(picture, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    assert texts_in(small) == (LONGEST,)


@pytest.mark.parametrize("error", ["q", "m"])
def test_no_code_becomes_a_micro_code_and_correction_is_not_raised(error: str) -> None:
    assert len(dark_rows("1", error)) == 21
    assert len(dark_rows(LONGEST, error)) == {"q": 49, "m": 41}[error]


def test_many_tickets_are_one_document_and_the_same_ones_the_same_bytes() -> None:
    pdf = pdf_of([FACE] * 30, Paper.A6, "fr")
    assert pdf.startswith(b"%PDF-")
    assert len(squares_of(pdf)) == 30
    assert pdf == pdf_of([FACE] * 30, Paper.A6, "fr")


# --- letters ---


def names_set(font: Fonts, text: str) -> str:
    return "".join(piece for _, piece in font.runs(text))


@pytest.mark.parametrize("bold", [True, False])
def test_letters_of_european_names_are_set_or_lose_only_their_accents(bold: bool) -> None:
    name = "Éöñç ŒuvreŠžŸ Łódź Őrsi Ğüneş Þór ǅ Ǻ – ’ €"
    alone = fonts(bold=bold, folders=())
    assert "?" not in names_set(alone, name)
    assert names_set(alone, "Éöñç Œuvre Šž Łó") == "Éöñç Œuvre Šž Łó"
    assert names_set(alone, "Őř") == "Or"
    assert "?" not in names_set(fonts(bold=bold), name)


def test_what_no_font_has_is_shown_as_a_question_and_breaks_nothing() -> None:
    alone = fonts(bold=False, folders=())
    assert names_set(alone, "山a") == "?a"
    face = replace(FACE, festival="山田 🎪 مرحبا \u202e", rows=(("a", "\x00\ufffd"),))
    assert squares_of(pdf_of([face], Paper.A6, "en"))
    assert png_of(face)


@settings(max_examples=20)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_at_all_breaks_a_page(festival: str, holder: str) -> None:
    face = replace(FACE, festival=festival, rows=(("Name", holder),), type=holder)
    assert len(squares_of(pdf_of([face], Paper.A6, "en"))) == 1


def test_lines_are_wrapped_at_words_and_the_last_is_cut_off() -> None:
    font = fonts(bold=False)
    room = font.width("one two three", 10)
    assert wrapped(font, "one two three four", 10, room, 3) == ["one two three", "four"]
    assert wrapped(font, "", 10, room, 3) == [""]
    last = wrapped(font, "one two three " * 9, 10, room, 2)
    assert len(last) == 2
    assert last[1].endswith("…")
    assert all(font.width(line, 10) <= room for line in last)


def test_a_text_of_thousands_of_letters_is_cut_off_as_far_as_it_fits_and_measured_rarely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    font, text = fonts(bold=False), "Été à côté, " * 430
    measured: list[str] = []
    width = Fonts.width

    def counting(self: Fonts, text: str, points: float) -> float:
        measured.append(text)
        return width(self, text, points)

    monkeypatch.setattr(Fonts, "width", counting)
    cut = font.fitted(text, 14, 300)
    assert len(measured) < 20
    whole = cut.removesuffix("…")
    assert text.startswith(whole)
    assert width(font, cut, 14) <= 300 < width(font, f"{text[: len(whole) + 2]}…", 14)
    assert font.fitted("山", 14, 1) == "…"


# --- words ---


async def faces(office: TestOffice, row: TicketRow, holder: str, language: str) -> Face:
    code = KeyRing(office.folder).code(row)
    assert code is not None
    return await office.do(
        lambda o: face_of(o.cells, office_settings(), row, code, holder, language)
    )


async def test_a_ticket_says_what_it_is_in_both_languages(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        window = {"valid_from": 1_783_062_000, "valid_until": 1_783_303_200}
        (row,) = await issue_tickets(office, type=PASS, reference="R0GZ7", **window)
        english = await faces(office, row, "Zoé", "en")
        assert english.rows == (
            ("Valid", "3 July 2026, 09:00 – 6 July 2026, 04:00"),
            ("Access", "Field"),
            ("Guest", "Zoé"),
            ("Order", "R0GZ7"),
        )
        assert (english.festival, english.type) == ("Été", "Three days")
        assert "2 guests" in english.sentence
        french = await faces(office, row, "", "fr")
        assert french.rows[0] == ("Valable", "3 juillet 2026, 09:00 – 6 juillet 2026, 04:00")
        assert [label for label, _ in french.rows] == ["Valable", "Accès", "Commande"]


async def test_a_ticket_without_a_window_says_nothing_of_one_and_a_test_ticket_warns(
    tmp_path: Path,
) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue_tickets(office, type=DAY, flags=int(CodeFlag.TEST))
        face = await faces(office, row, "", "en")
        assert face.rows == (("Access", "everywhere"),)
        assert "TEST" in face.warning
        (half,) = await issue_tickets(office, type=DAY, valid_until=1_783_303_200)
        assert (await faces(office, half, "", "fr")).rows[0][1].startswith("jusqu’au 6 juillet")


async def test_a_code_whose_key_left_the_folder_cannot_be_made_again(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as office:
        (row,) = await issue_tickets(office)
        assert KeyRing(office.folder).code(row) == KeyRing(office.folder).code(row)
        office.folder.issuing_key_file(1).unlink()
        (coded,) = KeyRing(office.folder).coded([row])
        assert coded.code is None
