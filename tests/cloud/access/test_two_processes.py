"""Phones at two processes of one office: the same code at both at once lets one guest in."""

import random
import threading
from pathlib import Path
from typing import Any

import pytest

from cloud.access.opening import SeenKeys, show
from cloud.access.service import Confirmation, Known, OnlineScans, Scan
from cloud.festivals.service import state
from sync import history, lending
from sync.names import FactId
from tests.cloud.access.scanning import (
    AGENT,
    PHONES,
    PLACES,
    TYPE,
    ZONE,
    certificate,
    code,
    read_answer,
    says,
)
from tests.cloud.offices import FESTIVAL
from tests.cloud.store.pairs import Pair, paired

pytestmark = pytest.mark.postgres_only
CAPACITY = 6
CODES = 14
STRICT = TYPE | {"allow_reentry": False}


def prepared(pair: Pair) -> None:
    rows = [ZONE | {"capacity": CAPACITY}, STRICT, PHONES, PHONES | {"online": 2, "name": "Quay"}]
    pair.do(0, lambda o: state(o, rows))
    pair.do(0, lambda o: o.say(certificate(o.folder)))


class Phone(threading.Thread):
    """Somebody who scans at one of the processes, at an online gate of its own."""

    def __init__(self, pair: Pair, which: int, *, is_one_step: bool) -> None:
        super().__init__()
        self.pair, self.which, self.is_one_step = pair, which, is_one_step
        self.chance = random.Random(which)
        self.answers: list[dict[str, Any]] = []

    def run(self) -> None:
        for serial in range(CODES):
            self.answers.append(self.scanned(code(serial)))

    def scanned(self, text: str) -> dict[str, Any]:
        keys = SeenKeys()
        drawn = [self.chance.randbytes(16) for _ in range(2)]
        scan = Scan(
            AGENT, drawn[0], show(text, keys, FESTIVAL), gate=1 + self.which,
            is_one_step=self.is_one_step,
        )  # fmt: skip
        pair, which = self.pair, self.which
        found = pair.do(which, lambda o: OnlineScans(o, AGENT, keys, Known()).request(scan))
        answer = read_answer(found)
        if self.is_one_step or "session" not in answer:
            return answer
        asked = Confirmation(AGENT, bytes.fromhex(answer["session"]), drawn[1])
        found = pair.do(which, lambda o: OnlineScans(o, AGENT, keys, Known()).confirm(asked))
        return read_answer(found)


@pytest.mark.parametrize("is_one_step", [True, False])
def test_a_code_that_is_shown_at_two_processes_at_once_lets_one_in_and_no_zone_overflows(
    tmp_path: Path, *, is_one_step: bool
) -> None:
    with paired(tmp_path) as pair:
        prepared(pair)
        phones = [Phone(pair, which, is_one_step=is_one_step) for which in (0, 1)]
        for phone in phones:
            phone.start()
        for phone in phones:
            phone.join()
        both = zip(phones[0].answers, phones[1].answers, strict=True)
        told = [sorted(says(answer) for answer in pair_of) for pair_of in both]
        assert sum(words.count("admit") for words in told) == CAPACITY
        assert all(words.count("admit") <= 1 for words in told)
        assert pair.do(0, lambda o: history.inside_count(o.cells, 1)) == CAPACITY
        assert pair.do(1, lambda o: lending.committed(o.cells, PLACES)) == CAPACITY
        pair.check()


def test_what_one_process_recorded_the_other_takes_back_once(tmp_path: Path) -> None:
    with paired(tmp_path) as pair:
        prepared(pair)
        fact = Phone(pair, 0, is_one_step=True).scanned(code(1))["fact"]
        target = FactId(bytes.fromhex(fact))
        for which, is_done in ((1, True), (0, False), (1, False)):
            found = pair.do(
                which, lambda o: OnlineScans(o, AGENT, SeenKeys(), Known()).undo(target, 1)
            )
            assert isinstance(found, bytes) == is_done
        assert pair.do(0, lambda o: history.inside_count(o.cells, 1)) == 0
