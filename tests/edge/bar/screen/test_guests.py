"""What a guest may need beside a drink: more than the till may give alone, or money back."""

import threading
from collections.abc import Callable
from pathlib import Path

from edge.bar.screen.pay_modes import Declined, Paid
from edge.bar.screen.words import word
from sync.asking import Asked, Question, Reply
from sync.facts import CapRenewed, PaidOut, WristbandBlocked, WristbandLinked
from tests.edge.bar.authority import Authority
from tests.edge.bar.screen.screens import Shown, furnished, policy, running_screen, staffed
from tests.edge.bar.screen.test_bad_luck import sold, with_money
from tests.edge.bar.screen.test_shift_on_screen import approve, own, top_up
from tests.edge.bar.tills import BOSS, CASHIER, band

ASKING_S = 0.25
Answers = Callable[[Question], Reply | None]


def links(office: Authority, question: Question) -> Reply:
    """Let a fresh wristband spend from a lost one's wallet."""
    fact = WristbandLinked(question.wristband or 0, question.wallet, "claim")
    record = office._pen.write(fact, office._moment)
    return Reply(1, "", 0, (office._first.raw, record.raw))


def near(shown: Shown, answers: Answers | None = None) -> None:
    """Let the till be near an authority that takes its time and grants, or answers otherwise."""
    box = shown.app.stage.keeper.box
    assert box is not None
    office = Authority(box.terminal, box.desk)

    def ask(question: Question) -> Reply | None:
        threading.Event().wait(ASKING_S)
        if answers is not None:
            return answers(question)
        is_link = question.kind == Asked.LINK
        return links(office, question) if is_link else office.lends(question)

    box._authority.ask = ask  # type: ignore[method-assign]  # no office is there


async def test_while_the_authority_is_asked_the_screen_says_so_and_then_is_green(
    tmp_path: Path,
) -> None:
    folder = furnished(tmp_path / "till", policy(alone_limit=500))
    async with running_screen(folder) as shown:
        await with_money(shown)
        near(shown)
        await shown.press("5", "q", "q")
        await shown.show(band(77))
        await shown.sees(word("asking", "en"))
        await shown.press("q")
        await shown.sees("8.00 € — 42.00 € left")
        assert len(sold(shown)) == 1


async def test_an_authority_that_does_not_answer_is_a_decline_with_what_is_possible(
    tmp_path: Path,
) -> None:
    folder = furnished(tmp_path / "till", policy(alone_limit=500))
    async with running_screen(folder) as shown:
        await with_money(shown)
        near(shown, lambda _: None)
        await shown.press("5", "q", "q")
        await shown.show(band(77))
        await shown.sees("5.00 € with it, rest otherwise")
        assert isinstance(shown.app.stage.mode, Declined)
        await shown.press("w")
        await shown.sees("Left to pay: 3.00")
        await shown.press("c")
        await shown.sees("8.00 € — 45.00 € left")
        assert [len(one.payments) for one in sold(shown)] == [2]


async def test_a_supervisor_lets_a_till_at_its_cap_sell_on(tmp_path: Path) -> None:
    folder = staffed(tmp_path / "till", policy(till_cap=500))
    async with running_screen(folder) as shown:
        await shown.sign_in()
        await shown.open_shift()
        await top_up(shown, 77, "r")
        await shown.press("5", "q", "q")
        await shown.show(band(77))
        await shown.until(lambda _: isinstance(shown.app.stage.mode, Declined), "red")
        await shown.press("r", "q")
        await approve(shown, BOSS)
        await shown.sees("8.00 € — 42.00 € left")
        bodies = [record.body for record in own(shown)]
        assert [b.amount for b in bodies if isinstance(b, CapRenewed)] == [50_000]


async def test_beyond_what_a_printed_code_may_spend_the_guest_types_a_pin(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "till", policy(code_only_daily=500))
    async with running_screen(folder) as shown:
        await with_money(shown)
        await shown.show(band(77))
        await shown.sees(word("band_pin", "en"))
        await shown.press("3", *"123456", "enter", *"123456", "enter")
        await shown.sees(word("pin_done", "en"))
        await shown.press("escape")
        await shown.until(lambda text: "F10 park" in text, "the grid")
        await shown.press("5", "q", "q")
        await shown.show(band(77))
        await shown.sees(word("guest_pin_ask", "en"))
        await shown.press(*"000000", "enter")
        await shown.sees("This is not the guest's PIN.")
        await shown.press("p", *"123456", "enter")
        await shown.sees("8.00 € — 42.00 € left")


async def test_what_is_left_is_paid_out_once_the_authority_has_lent_it(tmp_path: Path) -> None:
    async with running_screen(staffed(tmp_path / "till")) as shown:
        await shown.sign_in()
        await shown.open_shift()
        await top_up(shown, 77, "w")
        near(shown)
        await shown.show(band(77))
        await shown.sees(word("band_pay_out", "en"))
        await shown.press("2", "enter")
        await approve(shown, CASHIER)
        await shown.sees("20.00 € handed out", "Now on it: 0.00 €")
        bodies = [record.body for record in own(shown)]
        assert [body.amount for body in bodies if isinstance(body, PaidOut)] == [2_000]


async def test_without_the_office_nothing_is_paid_out_and_that_is_said(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.show(band(77))
        await shown.sees(word("band_pay_out", "en"))
        await shown.press("2", "enter")
        await shown.sees("Only the office can do this")


async def test_a_lost_wristband_is_blocked_and_a_fresh_one_takes_its_place(tmp_path: Path) -> None:
    async with running_screen(staffed(tmp_path / "till")) as shown:
        await shown.sign_in()
        await shown.open_shift()
        await top_up(shown, 1 << 40, "w")
        near(shown)
        await shown.show(band(1 << 40))
        text = await shown.sees("Wristband")
        number = text.split("Wristband ")[1][:13].replace(" ", "")
        await shown.press("4")
        await shown.sees("Claim code of wristband")
        answer = shown.app.stage.mode._answer  # type: ignore[attr-defined]
        await shown.press("escape", "W", *number, "enter")
        await shown.sees("Lost wristband")
        await shown.press("1")
        await approve(shown)
        await shown.sees(word("blocked", "en"))
        await shown.until(lambda text: "F10 park" in text, "the grid")
        await shown.press("W", *number, "enter")
        await shown.sees("Lost wristband")
        await shown.press("2", *answer["claim"], "enter")
        await shown.sees(word("fresh_band", "en")[:30])
        await shown.show(band(2 << 40))
        await shown.sees(word("linked", "en"), "Now on it: 20.00 €")
        bodies = [record.body for record in own(shown)]
        assert sum(isinstance(body, WristbandBlocked) for body in bodies) == 1
        assert not isinstance(shown.app.stage.mode, Paid)
