"""A slip becomes the bytes that a receipt printer knows: text as text, every script, one cut."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.ports import Code, Feed, Line, Rule, Slip, Style
from hardware.receipts.language import CODE_PAGES, Writer, drawer_pulse
from hardware.receipts.layout import cells, tidy
from hardware.receipts.pictures import Fonts
from tests.hardware.receipts.paper import Picture, printed

CHECKOUT = Path(__file__).resolve().parents[3]
NO_FONTS = Fonts(())
FRENCH: Slip = (
    Line("Fête d'été", style=Style.LARGE),
    Line("Bar de la Plage — merci !", style=Style.CENTRED),
    Rule(),
    Line("2 × Bière « L'Œuvre »", "9,00 €"),
    Line("TOTAL", "1\u202f234,50 €", Style.BOLD),
    Feed(2),
)
GOLDEN = (
    b"\x1b@\x1c."
    b"\x1b!\x00\x1b!\x00\x1b!0\x1bt\x00F\x88te d'\x82t\x82\n\x1b!\x00\x1b!\x00\x1b!\x00"
    b"   Bar de la Plage \x1bt\x10\x97 merci !\n"
    b"--------------------------------\n"
    b"2 \xd7 Bi\xe8re \xab L'\x8cuvre \xbb     9,00 \x80\n"
    b"\x1bE\x01TOTAL                 1 234,50 \x80\n\x1bE\x00"
    b"\x1bd\x02"
    b"\x1bd\x06\x1dV\x01"
)


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer(32, NO_FONTS)


def _with_font(*characters: str) -> Fonts:
    fonts = Fonts()
    if not all(map(fonts.has, characters)):
        pytest.skip(f"no font here draws {''.join(characters)}: apt-get install fonts-dejavu-core")
    return fonts


def test_a_french_receipt_is_these_bytes(writer: Writer) -> None:
    assert writer.job(FRENCH) == GOLDEN
    assert writer.job(FRENCH) == GOLDEN, "one job leaves nothing behind for the next"


def test_a_french_receipt_reads_so_on_paper(writer: Writer) -> None:
    paper = printed(writer.job(FRENCH))
    assert paper.rows == [
        "Fête d'été",
        "   Bar de la Plage — merci !",
        "-" * 32,
        "2 × Bière « L'Œuvre »     9,00 €",
        "TOTAL                 1 234,50 €",
    ]
    assert (paper.large, paper.bold) == ([paper.rows[0]], [paper.rows[4]])
    assert paper.cut
    assert paper.fed == 8


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_rows_end_where_the_paper_ends(columns: int) -> None:
    slip = (Line("Eau", "2,00 €"), Rule(), Line("Eau", "2,00 €", Style.LARGE))
    small, rule, large = printed(Writer(columns, NO_FONTS).job(slip)).texts
    assert (len(small), len(rule), len(large)) == (columns, columns, columns // 2)


def test_polish_greek_letters_and_russian_are_text_where_the_pages_have_them(
    writer: Writer,
) -> None:
    slip = (Line("Żółć", "1"), Line("Чай", "2"), Line("½ µ ß", "3"))
    paper = printed(writer.job(slip))
    assert [row.split()[0] for row in paper.texts] == ["Żółć", "Чай", "½"]
    assert paper.pictures == []


def test_what_no_font_has_is_a_question_mark_beside_its_amount(writer: Writer) -> None:
    slip = (Line("啤酒 Tsingtao", "4,00 €"), Line("🎉e\u0331", "1 €"), Line("ไทย", "₪ 2"))
    paper = printed(writer.job(slip))
    assert paper.rows == [
        "?? Tsingtao               4,00 €",
        "?e                           1 €",
        "???                          ? 2",
    ]


@pytest.mark.parametrize("name", ["شاي بالنعناع", "תה", "ελληνικά"])
def test_another_script_is_drawn_and_its_amount_is_text_below(name: str) -> None:
    paper = printed(Writer(32, _with_font(*name.replace(" ", ""))).job((Line(name, "3,50 €"),)))
    picture, amount = paper.rows
    assert isinstance(picture, Picture)
    assert picture.width == 32 * 12
    assert picture.blackness > 100
    assert amount == " " * 26 + "3,50 €"


def test_an_amount_that_has_to_be_drawn_stands_at_the_right() -> None:
    fonts = _with_font("₪")
    _, picture = printed(Writer(32, fonts).job((Line("Tea", "₪ 12"),))).rows
    assert isinstance(picture, Picture)
    assert all(not any(row[: picture.width // 2]) for row in picture.rows)
    assert any(any(row[-24:]) for row in picture.rows)


def test_a_drawn_row_is_larger_bolder_and_in_the_middle_as_its_style_says() -> None:
    writer = Writer(32, _with_font("ת"))
    styles = (Style.NORMAL, Style.BOLD, Style.LARGE, Style.CENTRED)
    normal, bold, large, centred = (
        printed(writer.job((Line("ת", style=style),))).pictures[0] for style in styles
    )
    assert bold.blackness > normal.blackness
    assert len(large.rows) == 2 * len(normal.rows)
    assert not any(any(row[:100]) for row in centred.rows)
    assert any(any(row[:100]) for row in normal.rows)


def test_a_code_is_drawn_in_the_middle_and_can_be_read() -> None:
    import numpy as np
    import zxingcpp

    for text, columns in (("GU1:W8H%50KL30 $*+-./:" * 6, 32), ("https://x.example/é", 48)):
        paper = printed(Writer(columns, NO_FONTS).job((Code(text),)))
        dots = np.array([list(row) for row in paper.pictures[0].rows], dtype=np.uint8)
        assert dots.shape[1] == columns * 12
        (found,) = zxingcpp.read_barcodes((1 - dots) * 255)
        assert found.text == text


def test_a_code_that_no_qr_code_holds_is_written_out(writer: Writer) -> None:
    paper = printed(writer.job((Code("a" * 4_000), Code("\ud800"), Code(""))))
    assert "".join(paper.texts) == "a" * 4_000 + "?"
    assert paper.pictures == []


def test_the_drawer_is_opened_on_the_usual_pin() -> None:
    assert drawer_pulse() == b"\x1bp\x0022"


def test_a_feed_is_at_least_one_line_and_at_most_what_a_byte_holds(writer: Writer) -> None:
    assert [printed(writer.job((Feed(n),))).fed for n in (-1, 0, 7, 999)] == [7, 7, 13, 261]


_TEXTS = st.one_of(
    st.text(max_size=80),
    st.text(st.characters(), max_size=20),
    st.text(st.sampled_from("é€œЖżشת青🎉 \x1b\x1d\x00\n12,"), max_size=60),
)


@given(_TEXTS, _TEXTS, st.sampled_from(Style), st.sampled_from([32, 42, 48]))
def test_any_text_is_printed_and_its_amount_survives(
    text: str, amount: str, style: Style, columns: int
) -> None:
    paper = printed(Writer(columns, NO_FONTS).job((Line(text, amount, style), Code(text))))
    written = "".join(paper.texts).replace(" ", "")
    kept = "".join(c if _is_known(c) else "?" for c in tidy(amount) if cells(c) or _is_known(c))
    assert kept.replace(" ", "") in written
    assert paper.cut


def _is_known(character: str) -> bool:
    return any(
        character.encode(page.lower(), "ignore") and ord(character) >= 32 for page in CODE_PAGES
    )


@given(st.lists(_TEXTS, max_size=3), st.sampled_from(Style))
def test_any_text_is_drawn_without_an_error(texts: list[str], style: Style) -> None:
    slip = tuple(Line(text, text, style) for text in texts)
    assert printed(Writer(42, _FONTS).job(slip)).cut


_FONTS = Fonts()


def test_the_library_leaves_log_and_temporary_folder_as_they_were(tmp_path: Path) -> None:
    script = (
        "import logging\nfrom hardware.receipts.language import drawer_pulse\ndrawer_pulse()\n"
        "from hardware.receipts.language import Writer\nWriter(42).job(())\n"
        "print(logging.getLogger().handlers)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger().getEffectiveLevel() >= logging.WARNING
