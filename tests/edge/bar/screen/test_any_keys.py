"""Whatever is pressed and shown in whichever order, the till stands and can be drawn."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.bar.basket import total_of
from edge.bar.cart import cart_of
from edge.bar.screen.basket_view import Said, basket_rows
from edge.bar.screen.grid import LETTERS
from edge.bar.screen.grid_view import grid_rows
from edge.bar.screen.panel_view import panel_rows
from edge.bar.screen.rows import row_width
from edge.bar.screen.till_mode import Face, face_of
from edge.bar.screen.widgets import Cells
from edge.screen.modes import Answer
from tests.edge.bar.screen.bench import BALANCE, PAID
from tests.edge.bar.screen.screens import furnished, running_screen
from tests.edge.bar.screen.test_desk_modes import REPORT, SALE
from tests.edge.bar.screen.test_snapshots import GRID, LOOK
from tests.edge.bar.screen.test_stage import Till

NAMED = (
    "enter escape backspace delete up down left right pageup pagedown space tab asterisk plus minus"
    " equals_sign full_stop f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 line:choice:0 line:tip:0"
)
KEYS = st.sampled_from([*LETTERS, *LETTERS.upper(), *"0123456789", *NAMED.split()])
EVENTS: list[Answer] = [
    {"event": "wristband", "text": "t", "shown": "one"},
    {"event": "wristband", "text": "t", "shown": {"uid": "04", "taps": 1}},
    {"event": "badge", "text": "b"},
    {"event": "voucher", "text": "v"},
    {"event": "strange", "sentence": "[b]What[/b]"},
    {"event": "several", "codes": 3},
    {"event": "closed"},
    {"event": "broken", "sentence": "disk"},
    {"event": "opened"},
    {"event": "printed", "trouble": "No paper."},
]
ASK = {"event": "ask", "sentence": "?"}
ANSWERS: dict[str, list[Answer]] = {
    "sell": [
        PAID,
        PAID | {"change_minor": 100},
        {"event": "declined", "rule": "balance", "possible_minor": 50, "sentence": "No."},
        {"event": "declined", "rule": "other_wristband", "possible_minor": 0, "sentence": "No."},
        ASK | {"what": "age", "age": 18},
        ASK | {"what": "approval"},
        ASK | {"what": "guest_pin"},
        {"event": "trouble", "sentence": "Broken."},
    ],
    "voucher": [
        {"event": "voucher", "name": "Crew", "amount_minor": 100},
        {"event": "declined", "rule": "voucher_used", "sentence": "Used."},
    ],
    "balance": [BALANCE, BALANCE | {"blocked": True}, {"event": "trouble", "sentence": "None."}],
    "history": [{"event": "history", "rows": [SALE] * 3}, {"event": "history", "rows": []}],
    "report": [REPORT],
    "close_shift": [REPORT],
    "last": [LOOK["last"], {"event": "last", "sale": None}],
    "claim": [{"event": "claim", "number": "1", "claim": "123456789012"}],
    "top_up": [{"event": "done", "balance_minor": 5}, ASK | {"what": "approval"}],
    "pay_out": [{"event": "done", "balance_minor": 5, "amount_minor": 5}],
    "sign_in": [{"event": "signed_in", "staff": "B1"}, {"event": "trouble", "sentence": "PIN?"}],
    "grid": [GRID],
}
STEPS = st.lists(
    st.tuples(st.just("key"), KEYS)
    | st.tuples(st.just("event"), st.sampled_from(EVENTS))
    | st.tuples(st.just("wait"), st.sampled_from([100, 1_600, 4_000, 30_000]))
    | st.tuples(st.just("choice"), st.integers(0, 7)),
    max_size=60,
)


def draw(till: Till) -> None:
    """Draw the state as the screen would."""
    stage = till.stage
    panel = panel_rows(stage.mode.panel(stage), 80, 20)
    assert {row_width(row) for row in panel} == {80}
    if face_of(stage.mode) is not Face.FULL:
        basket_rows(stage.hand, Said(stage.noted), stage.language, "EUR", 30, 20)
    grid_rows(stage.grid, stage.place, stage.hand, stage.language, 50, 20)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_no_keys_in_no_order_break_the_till(steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        till = Till(Path(folder) / "till")
        chosen = 0

        def answer(what: str) -> Answer:
            known = ANSWERS.get(what, [{"event": "done"}])
            return known[chosen % len(known)]

        till.keeper.answer = answer
        for kind, what in steps:
            match kind:
                case "key":
                    till.stage.key(what)
                case "event":
                    till.stage.told(dict(what))
                case "wait":
                    till.now += what
                    till.stage.tick()
                case _:
                    chosen = what
            while till.keeper.held:
                till.answer(answer("sell"))
            draw(till)
            cart = till.stage.hand.cart
            vouchers = sum(worth for _, _, worth in cart.vouchers)
            assert total_of(tuple(cart.lines())) == cart.total + vouchers
            assert cart_of(cart.row()) == cart


async def test_a_screen_that_shows_the_same_paints_nothing(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await shown.open_shift()
        await shown.press("5", "q", "q")
        cells = shown.app.query_one("#panel", Cells)
        painted = cells.painted
        for _ in range(20):
            shown.app.paint()
        assert cells.painted == painted
        await shown.press("q")
        assert 0 < cells.painted - painted <= 6
