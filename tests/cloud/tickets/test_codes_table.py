"""The table of codes is opened in spreadsheets, which must run nothing of it."""

import pytest

from cloud.tickets.codes_table import no_formula

pytestmark = pytest.mark.one_engine  # nothing here asks a database


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1",
     "\ufeff=1", "\x00=1", "＝1", "＋1", "－1", "＠A", "\u22121", "|calc"],
)  # fmt: skip
def test_what_a_spreadsheet_may_take_for_a_formula_has_an_apostrophe_before_it(text: str) -> None:
    assert no_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Zoé", "A-1", "12", "a=b", " Ann", "山田"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert no_formula(text) == text
