"""Signatures checked beside the writer: the same answers, with another process or without."""

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cloud.limits import VERIFIED_BESIDE_MIN, VERIFIER_PIPE_BYTES
from cloud.office import Office
from cloud.verifier import SignatureChecks, Verifier
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import Admitted
from sync.journal import Record, signed_by
from sync.keys import PublicKey, SecretKey
from sync.names import NO_PREVIOUS, Role, RunId
from sync.replica import Outcome, RunInfo
from tests.cloud.box import Box
from tests.cloud.offices import new_folder

pytestmark = pytest.mark.one_engine
MANY = 200
OTHER_KEY = SecretKey(bytes(32)).public


@pytest.fixture
def verifier() -> Iterator[Verifier]:
    one = Verifier()
    one.start()
    if not one.is_at_work:
        pytest.skip("there is no second core here")
    yield one
    one.close()


def a_box(folder: Path, seed: int = 1) -> Box:
    office = new_folder(folder)
    return Box(
        office.festival, office.festival_key, office.certificate, office.key, Role.GATE, "N", seed
    )


def admission(number: int) -> Admitted:
    return Admitted(number, 1, 1, 20261121, 1, (), 0, 1, None, None)


def said(box: Box, count: int = MANY) -> list[Record]:
    return box.say(*(admission(number) for number in range(count)))


def forged(record: Record) -> Record:
    return replace(record, signature=bytes(reversed(record.signature)))


def checks_of(verifier: Verifier, records: list[Record], key: PublicKey) -> SignatureChecks:
    """Expect records of one run, as a store does."""
    checks = SignatureChecks(verifier)
    first = records[0]

    def run_of(run: RunId) -> RunInfo:
        return RunInfo(run, first.terminal, Role.GATE, "N", key, 0, NO_PREVIOUS)

    checks.expect(records, run_of)
    return checks


def key_of(box: Box) -> PublicKey:
    return box.pen._key.public


def until_answered(checks: SignatureChecks, record: Record, key: PublicKey) -> None:
    """Wait until the other process has answered about everything that was handed over."""
    for _ in range(1_000):
        checks.verifies(record, key)
        if len(checks._answers) == len(checks._places):
            return
        time.sleep(0.01)
    raise AssertionError("the other process does not answer")


def test_the_other_process_tells_good_signatures_from_forged_ones(
    tmp_path: Path, verifier: Verifier
) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    shown = [forged(one) if at % 3 == 0 else one for at, one in enumerate(records)]
    checks = checks_of(verifier, shown, key_of(box))
    until_answered(checks, shown[-1], key_of(box))
    assert [checks.verifies(one, key_of(box)) for one in shown] == [
        at % 3 > 0 for at in range(MANY)
    ]


def test_a_copy_with_another_signature_is_judged_by_itself(
    tmp_path: Path, verifier: Verifier
) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    both = [one for record in records for one in (record, forged(record))]
    checks = checks_of(verifier, both, key_of(box))
    until_answered(checks, both[-1], key_of(box))
    assert [checks.verifies(one, key_of(box)) for one in both] == [True, False] * MANY


def test_an_answer_about_one_key_says_nothing_of_another(
    tmp_path: Path, verifier: Verifier
) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    checks = checks_of(verifier, records, key_of(box))
    until_answered(checks, records[-1], key_of(box))
    assert not checks.verifies(records[0], OTHER_KEY)
    assert not signed_by(records[0], OTHER_KEY)


def test_what_was_not_handed_over_is_checked_here(tmp_path: Path, verifier: Verifier) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    checks = checks_of(verifier, records[:-1], key_of(box))
    assert checks.verifies(records[-1], key_of(box))
    assert not checks.verifies(forged(records[-1]), key_of(box))


def test_few_records_are_not_handed_over(tmp_path: Path, verifier: Verifier) -> None:
    box = a_box(tmp_path / "office")
    checks = checks_of(verifier, said(box, VERIFIED_BESIDE_MIN - 1), key_of(box))
    assert checks._places == {}


def test_a_process_that_was_killed_is_not_missed(
    tmp_path: Path, verifier: Verifier, caplog: pytest.LogCaptureFixture
) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    checks = checks_of(verifier, records, key_of(box))
    process = verifier._process
    assert process is not None
    process.kill()
    process.wait()
    judged = [checks.verifies(one, key_of(box)) for one in (*records, forged(records[0]))]
    assert judged == [True] * MANY + [False]
    checks.end()
    assert "signatures are checked without help" in caplog.text
    again = checks_of(verifier, records, key_of(box))
    assert again._places == {}
    assert all(again.verifies(one, key_of(box)) for one in records)


def test_nobody_waits_for_a_process_that_stands_still(tmp_path: Path, verifier: Verifier) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    process = verifier._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    checks = checks_of(verifier, records, key_of(box))
    assert all(checks.verifies(one, key_of(box)) for one in records)
    checks.end()
    assert checks_of(verifier, records, key_of(box))._places == {}
    os.kill(process.pid, signal.SIGCONT)
    later = checks_of(verifier, [forged(one) for one in records], key_of(box))
    for _ in range(1_000):
        if later._places:
            break
        time.sleep(0.01)
        later = checks_of(verifier, [forged(one) for one in records], key_of(box))
    until_answered(later, forged(records[-1]), key_of(box))
    assert not any(later.verifies(forged(one), key_of(box)) for one in records)


def test_one_store_at_a_time_is_checked_for(tmp_path: Path, verifier: Verifier) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    first = checks_of(verifier, records, key_of(box))
    second = checks_of(verifier, records, key_of(box))
    assert (len(first._places), len(second._places)) == (MANY, 0)
    assert all(second.verifies(one, key_of(box)) for one in records)
    second.end()
    until_answered(first, records[-1], key_of(box))
    first.end()


def test_more_than_the_pipe_holds_is_not_handed_over(tmp_path: Path, verifier: Verifier) -> None:
    box = a_box(tmp_path / "office")
    records = said(box)
    longer = [replace(one, payload=one.payload.ljust(4_000, b"\0")) for one in records]
    count = VERIFIER_PIPE_BYTES // 4_000 + 1
    checks = checks_of(verifier, (longer * 2)[:count], key_of(box))
    assert checks._places == {}


def test_the_other_process_ends_with_the_office(verifier: Verifier) -> None:
    process = verifier._process
    assert process is not None
    verifier.close()
    assert process.returncode == 0


def test_an_office_takes_in_alike_with_a_verifier_and_without(
    tmp_path: Path, verifier: Verifier
) -> None:
    folder = new_folder(tmp_path / "office")
    other = new_folder(tmp_path / "other")
    boxes = [
        Box(folder.festival, folder.festival_key, folder.certificate, folder.key, Role.GATE, "N", n)
        for n in (1, 2)
    ]
    openings = [record.raw for box in boxes for record, _ in box.shelf.records]
    raws = []
    for box in boxes:
        records = said(box)
        raws += [one.raw[:-1] + bytes([one.raw[-1] ^ 1]) for one in records[::5]]
        raws += [one.raw for one in records]
    random.Random(3).shuffle(raws)
    now = Moment(1_795_000_100_000, TRUSTED_CLOCK)
    outcomes = []
    for place, beside in ((folder, verifier), (other, None)):
        office = Office(place, lambda: now, random.Random(5).randbytes, verifier=beside)
        try:
            taken = [
                office.transact([lambda one, some=some: one.store.replica.take(some)])  # type: ignore[misc]
                for some in (openings, raws, raws)
            ]
        finally:
            office.close()
        outcomes.append([[one.outcome for one in some] for (some,) in taken])
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1].count(Outcome.NEW) == 2 * MANY
    assert Outcome.BAD_SIGNATURE in outcomes[0][1]
