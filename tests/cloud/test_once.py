"""The `Idempotency-Key`: one effect and one answer, through twins, failures and a sudden end."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.limits import ANSWERS_OF_PRINCIPAL_MAX, IDEMPOTENCY_KEY_CHARS_MAX
from cloud.office import Office
from cloud.once import REUSED, Deed, Kept, Reused, answered_once, is_key, mark_of
from cloud.store.idempotency import AnswerBook
from sync import accounts, ledger
from tests.cloud.doing_once import AMOUNT, WALLET, deed, top_up
from tests.cloud.offices import START_MS, TestOffice, new_folder, open_office, serving

ROOT = Path(__file__).parents[2]
Answer = Kept | Literal[Reused.REUSED]


def once(what: Deed, amount: int = AMOUNT) -> "Once":
    return Once(what, amount)


class Once:
    """A job that tops up once."""

    def __init__(self, what: Deed, amount: int) -> None:
        self.what = what
        self.amount = amount

    def __call__(self, office: Office) -> Answer:
        return answered_once(office, self.what, lambda o: top_up(o, self.what, self.amount))


class Answering:
    """A job that answers without doing anything."""

    def __init__(self, what: Deed, kept: Kept) -> None:
        self.what = what
        self.kept = kept

    def __call__(self, office: Office) -> Answer:
        return answered_once(office, self.what, lambda _: self.kept)


async def balance(office: TestOffice) -> int:
    return await office.do(lambda o: accounts.wallet_balance(o.cells, WALLET))


async def test_the_same_key_and_body_get_the_same_bytes_and_happen_once(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        first = await office.do(once(deed(1)))
        second = await office.do(once(deed(1)))
        assert isinstance(first, Kept)
        assert isinstance(second, Kept)
        assert (second.status, second.body, second.type) == (first.status, first.body, first.type)
        assert (first.is_repeated, second.is_repeated) == (False, True)
        assert await balance(office) == AMOUNT


async def test_the_same_key_with_another_body_is_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.do(once(deed(1)))
        assert await office.do(once(deed(1, amount=200), 200)) is REUSED
        assert await balance(office) == AMOUNT


async def test_the_same_key_of_somebody_else_or_elsewhere_is_another(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.do(once(deed(1)))
        await office.do(once(deed(1, principal="somebody else")))
        elsewhere = Deed("cashier", "another_route", "key-1", deed(1).mark)
        await office.do(once(elsewhere))
        assert await balance(office) == 3 * AMOUNT


async def test_twins_that_come_together_are_one(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        answers = await asyncio.gather(*(office.do(once(deed(1))) for _ in range(40)))
        assert len({answer.body for answer in answers if isinstance(answer, Kept)}) == 1
        fresh = [one for one in answers if isinstance(one, Kept) and not one.is_repeated]
        assert len(fresh) == 1
        assert await balance(office) == AMOUNT


async def test_an_answer_survives_the_process(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        first = await office.do(once(deed(1)))
    async with serving(office.folder, seed=2) as again:
        second = await again.do(once(deed(1)))
        assert isinstance(first, Kept)
        assert isinstance(second, Kept)
        assert second.body == first.body
        assert await balance(again) == AMOUNT


async def test_a_refusal_is_remembered_and_what_may_pass_later_is_not(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        for status, expected in ((409, b"first"), (503, b"second")):
            what = deed(status)
            await office.do(Answering(what, Kept(status, b"first")))
            kept = await office.do(Answering(what, Kept(status, b"second")))
            assert isinstance(kept, Kept)
            assert kept.body == expected


async def test_nothing_is_kept_of_what_failed(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:

        def fails(o: Office) -> Answer:
            def make(inner: Office) -> Kept:
                top_up(inner, deed(1))
                message = "a mistake of ours"
                raise RuntimeError(message)

            return answered_once(o, deed(1), make)

        with pytest.raises(RuntimeError, match="mistake"):
            await office.do(fails)
        assert await balance(office) == 0
        kept = await office.do(once(deed(1)))
        assert isinstance(kept, Kept)
        assert not kept.is_repeated


async def test_neighbours_of_what_failed_are_done_again_and_happen_and_are_kept_once(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        together: list[int] = []
        transact = office.office.transact

        def counting(jobs: Sequence[Any]) -> list[Any]:
            together.append(len(jobs))
            return transact(jobs)

        office.office.transact = counting  # type: ignore[method-assign]

        def fails(o: Office) -> Answer:
            once(deed(4))(o)
            message = "a mistake of ours"
            raise RuntimeError(message)

        jobs: list[Callable[[Office], Answer]] = [
            once(deed(1)), once(deed(2)), once(deed(1)), fails, once(deed(3)), once(deed(2)),
        ]  # fmt: skip
        answers: list[Any] = await asyncio.gather(
            *(office.do(job) for job in jobs), return_exceptions=True
        )
        assert max(together) == len(jobs)
        assert together.count(1) >= len(jobs)
        assert isinstance(answers.pop(3), RuntimeError)
        kept: list[Kept] = answers
        assert [one.is_repeated for one in kept] == [False, False, True, False, True]
        assert (kept[0].body, kept[1].body) == (kept[2].body, kept[4].body)
        assert await balance(office) == 3 * AMOUNT
        for number, one in ((1, kept[0]), (2, kept[1]), (3, kept[3])):
            again = await office.do(once(deed(number)))
            assert isinstance(again, Kept)
            assert (again.body, again.is_repeated) == (one.body, True)
        late = await office.do(once(deed(4)))
        assert isinstance(late, Kept)
        assert not late.is_repeated
        assert await balance(office) == 4 * AMOUNT


async def test_old_answers_are_forgotten_and_the_operation_is_not(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.do(once(deed(1)))
        book = AnswerBook(office.office.store.connection, office.folder.festival)
        assert await office.do(lambda _: book.forget_older(START_MS)) == 0
        assert await office.do(lambda _: book.forget_older(office.now_ms + 1)) == 1
        assert await office.do(lambda o: ledger.is_operation_known(o.cells, deed(1).operation))
        await office.do(once(deed(1)))
        assert await balance(office) == AMOUNT


async def test_who_asks_ever_more_pushes_out_only_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ANSWERS_OF_PRINCIPAL_MAX > 10_000
    monkeypatch.setattr("cloud.store.idempotency.ANSWERS_OF_PRINCIPAL_MAX", 3)
    async with open_office(tmp_path) as office:
        await office.do(once(deed(0, principal="somebody else")))
        for number in range(9):
            await office.do(once(deed(number)))
        book = AnswerBook(office.office.store.connection, office.folder.festival)

        def held(_: Office) -> list[bool]:
            return [book.find("cashier", deed(n).name) is not None for n in range(9)]

        assert await office.do(held) == [False] * 6 + [True] * 3
        mine = await office.do(lambda _: book.find("somebody else", deed(0).name))
        assert mine is not None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3)), max_size=30))
async def test_whatever_is_repeated_the_balance_is_that_of_the_first_of_each_key(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]]
) -> None:
    first: dict[int, int] = {}
    async with open_office(tmp_path_factory.mktemp("once")) as office:
        for number, amount in steps:
            result = await office.do(once(deed(number, amount), amount))
            first.setdefault(number, amount)
            assert (result is REUSED) == (first[number] != amount)
        assert await balance(office) == sum(first.values())


def killed_after(folder: Path, seed: int, answers: int) -> list[str]:
    """Let a process do things once, kill it after so many answers, and return them."""
    command = [sys.executable, "-m", "tests.cloud.doing_once", str(folder), str(seed)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(answers)]
    child.kill()
    child.wait()
    child.stdout.close()
    return said


@pytest.mark.parametrize("seed", range(3))
async def test_a_killed_office_has_both_the_top_up_and_its_answer_or_neither(
    tmp_path: Path, seed: int
) -> None:
    folder = new_folder(tmp_path / "office")
    said = killed_after(folder.path, seed, 20 + 31 * seed)
    async with serving(folder, seed=2) as office:
        kept = []
        for number in range(len(said) + 5):
            what = deed(number)
            is_done = await office.do(
                lambda o, w=what: ledger.is_operation_known(o.cells, w.operation)  # type: ignore[misc]
            )
            answer = await office.do(once(what))
            assert isinstance(answer, Kept)
            assert answer.is_repeated == is_done
            kept.append(answer.body.decode())
        assert kept[: len(said)] == said
        assert await balance(office) == AMOUNT * len(kept)


@pytest.mark.parametrize("text", ["", " ", "a b", "é", "x" * 256, "a\x7f", "\t"])
def test_what_is_no_key_is_told_apart(text: str) -> None:
    assert not is_key(text)
    assert is_key("x" * IDEMPOTENCY_KEY_CHARS_MAX)
    assert is_key('"8e03978e-40d5-43dd-bc93-6894a57f9324"')


def test_the_mark_knows_the_path_and_the_body_and_no_spaces() -> None:
    assert mark_of("/a", {"x": 1, "y": 2}) == mark_of("/a", {"y": 2, "x": 1})
    assert mark_of("/a", {"x": 1}) != mark_of("/b", {"x": 1})
    assert mark_of("/a", {"x": 1}) != mark_of("/a", {"x": "1"})
    assert Deed("a", "bc", "d", b"").operation != Deed("ab", "c", "d", b"").operation
