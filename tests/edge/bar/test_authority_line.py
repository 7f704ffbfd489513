"""Whom a till asks beyond its own room: its office, or the hub that is the authority."""

from collections.abc import Iterator

import pytest

from edge.bar.authority_line import AuthorityLine
from edge.limits import ASKING_MS_MAX
from sync.asking import AUTHORITY_PATH, Asked, Question, Reply, read_question, spell
from sync.facts import AuthorityHanded
from sync.names import TerminalId
from tests.edge.bar.tills import BAND, Till, authority, band

HUB = TerminalId(bytes([30]) * 16)
LOAN = Question(int(Asked.LOAN), bytes(16), 77, 500)


class Lan:
    """What neighbours are asked, and what they answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[TerminalId, str, Question, int]] = []
        self.answer: bytes | None = spell(Reply(500, "", 900, ()))

    def ask(self, partner: TerminalId, path: str, body: bytes, wait_ms: int) -> bytes | None:
        self.asked.append((partner, path, read_question(body), wait_ms))
        return self.answer


@pytest.fixture
def lan() -> Lan:
    return Lan()


@pytest.fixture
def line(till: Till, lan: Lan) -> Iterator[AuthorityLine]:
    one = AuthorityLine(till.terminal, lambda: False, lan.ask)
    yield one
    one.close()


def near(till: Till, line: AuthorityLine) -> bool:
    return till.terminal.lane.run(line.is_near)


def test_while_the_office_is_the_authority_no_neighbour_is_asked(
    till: Till, line: AuthorityLine, lan: Lan
) -> None:
    assert not near(till, line)
    assert line.ask(LOAN) is None
    assert lan.asked == []


def test_the_hub_that_is_the_authority_is_asked_and_answers(
    till: Till, line: AuthorityLine, lan: Lan
) -> None:
    till.says(AuthorityHanded(1, HUB), number=60)
    assert near(till, line)
    assert line.ask(LOAN) == Reply(500, "", 900, ())
    assert lan.asked == [(HUB, AUTHORITY_PATH, LOAN, ASKING_MS_MAX)]


@pytest.mark.parametrize("answer", [None, b"", b"nonsense", spell(LOAN)])
def test_a_hub_that_says_nothing_or_nonsense_gave_no_answer(
    till: Till, line: AuthorityLine, lan: Lan, answer: bytes | None
) -> None:
    till.says(AuthorityHanded(1, HUB), number=60)
    lan.answer = answer
    assert line.ask(LOAN) is None


def test_a_till_without_neighbours_asks_nobody_while_a_hub_is_the_authority(till: Till) -> None:
    till.says(AuthorityHanded(1, HUB), number=60)
    alone = AuthorityLine(till.terminal, lambda: True)
    assert not near(till, alone)
    assert alone.ask(LOAN) is None
    alone.close()


def test_a_till_says_which_of_the_two_cannot_be_reached(till: Till) -> None:
    till.top_up(1, 5_000)
    till.desk.duty.authority_is_near = lambda: False
    link = {"wallet": 77, "wristband": band(78), "claim": "123456789012"}
    assert till.do("link", **link)["rule"] == "no_office"
    till.says(AuthorityHanded(1, HUB), number=60)
    answer = till.do("link", **link)
    assert (answer["rule"], answer["sentence"].startswith("Only the hub")) == ("no_hub", True)


@pytest.mark.parametrize("reason", ["not_authority", "catching_up", "recovering"])
def test_a_till_says_why_the_authority_lends_nothing_just_now(till: Till, reason: str) -> None:
    till.top_up(1, 5_000)
    office = authority(till)
    out = {"operation": f"{9:032x}", "wristband": BAND, "amount_minor": 100, "method": "cash"}
    wants = till.do("pay_out", **out)
    office.answers(wants, Reply(0, reason, 0, ()))
    english = till.do("pay_out", **out)["sentence"]
    office.answers(till.do("pay_out", **out), Reply(0, reason, 0, ()))
    french = till.do("pay_out", **out, language="fr")["sentence"]
    assert "moment" in english or "restored" in english
    assert english != french
