"""No number of a payment card comes into the journal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bar.card_numbers import looks_like_a_card
from edge.headless import BadCommand
from tests.edge.bar.tills import BAND, ITEM, Till, sell

PAN = "4111 1111 1111 1111"  # the number that every payment company prints in its manuals


@pytest.mark.parametrize(
    "text", [PAN, "4111111111111111", "card 4111-1111-1111-1111 ok", "x378282246310005", "0" * 13]
)
def test_a_card_number_is_recognised_however_it_is_grouped(text: str) -> None:
    assert looks_like_a_card(text)


@pytest.mark.parametrize(
    "text", ["", "T42", "4111111111111112", "20261121-0042", "A1 123456789012"]
)
def test_a_slips_reference_is_none(text: str) -> None:
    assert not looks_like_a_card(text)


@given(st.text(max_size=60))
def test_any_text_can_be_looked_at(text: str) -> None:
    assert looks_like_a_card(text) in {True, False}


def test_a_card_number_as_a_reference_is_refused_and_nothing_is_recorded(till: Till) -> None:
    before = till.terminal.store.facts()
    with pytest.raises(BadCommand, match="card's number"):
        sell(till, 1, lines=[ITEM], payments=[["card", 500, None, PAN]])
    top_up = {"operation": "0a" * 16, "wristband": BAND, "amount_minor": 500, "method": "card"}
    with pytest.raises(BadCommand, match="numéro de carte"):
        till.do("top_up", **top_up, reference=PAN, language="fr")
    assert till.terminal.store.facts() == before
