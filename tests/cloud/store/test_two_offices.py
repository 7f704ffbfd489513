"""Several office processes on one database: nothing is lost, doubled or remembered wrongly."""

import random
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.house import mint_of
from cloud.limits import CELLS_CACHED_MAX
from cloud.office import Office
from cloud.settings import open_office
from cloud.store import turns
from cloud.store.accounts import AccountsStore, Books, open_accounts
from cloud.store.database import keep_url
from cloud.store.enrolment_codes import EnrolmentCodes
from cloud.store.store import StoreBroken
from cloud.terminals.service import give_out
from sync import allotments, lending
from sync.facts import CertificateIssued, GateSet, TerminalRevoked, ZoneSet
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.engines import PostgresEngine
from tests.cloud.facts import admitted, sold, topped_up
from tests.cloud.offices import FESTIVAL, START_MS
from tests.cloud.store.pairs import Pair, office_of, paired

pytestmark = pytest.mark.postgres_only
ZONE = ZoneSet(1, 1, "Field", 50)


class Mistake(Exception):
    """What a broken job raises."""


def box_of(pair: Pair, role: Role, seed: int) -> Box:
    folder = pair.folder
    keys = (folder.festival_key, folder.certificate, folder.key)
    return Box(FESTIVAL, *keys, role, f"{role.name} {seed}", seed)


def gate_in(pair: Pair, seed: int) -> Box:
    gate = box_of(pair, Role.GATE, seed)
    placed = GateSet(gate.terminal, 1, gate.name, 1, ())
    pair.do(seed % 2, lambda o: o.say(CertificateIssued(gate.certificate), placed))
    return gate


def converse(pair: Pair, which: int, box: Box) -> None:
    """Let a box exchange once with one of the offices."""
    talk = box.conversation()
    content = talk.say()
    answer, _ = pair.do(which, lambda o: o.converse(box.terminal, content))
    talk.hear(answer)
    box.memory = talk.memory


def step(pair: Pair, chance: random.Random, boxes: list[Box], number: int) -> None:
    """Let one of the offices do something."""
    which, box = chance.randrange(2), chance.choice(boxes)
    what = chance.randrange(8)
    if what < 3:
        if box.role is Role.GATE:
            box.say(admitted(chance.randrange(9)))
        else:
            box.say(topped_up(chance.randrange(3), 700, number), sold(chance.randrange(3), 300))
        converse(pair, which, box)
    elif what == 3:
        raws = [record.raw for record, _ in box.shelf.records if record.terminal == box.terminal]
        chance.shuffle(raws)
        pair.do(which, lambda o: o.store.replica.take(raws[:5]))
    elif what == 4:
        pair.do(which, lambda o: o.say(ZoneSet(chance.randrange(1, 4), number, "Z", number)))
    elif what == 5:
        with pytest.raises(Mistake):
            pair.do(which, fail)
    elif what == 6 and number % 5 == 0:
        last = ((box.pen.run, 2),)
        pair.do(which, lambda o: o.say(TerminalRevoked(box.terminal, last)))
    else:
        pair.do(which, lambda o: o.lend())


def fail(office: Office) -> None:
    office.say(ZoneSet(9, 99, "never", 1))
    raise Mistake


@pytest.mark.parametrize("is_short", [False, True])
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 1 << 32))
def test_whoever_writes_both_know_the_same_and_it_is_what_all_facts_fold_to(
    tmp_path: Path, seed: int, is_short: bool
) -> None:
    """With a short memory of changes, who comes late forgets everything instead."""
    chance = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        if is_short:
            patch.setattr(turns, "CHANGES_KEPT_MAX", 2)
            patch.setattr(turns, "CHANGES_FORGOTTEN_EVERY", 1)
            patch.setattr(turns, "CELLS_TOLD_MAX", 3)
        with paired(Path(tempfile.mkdtemp(dir=tmp_path))) as pair:
            pair.do(0, lambda o: o.say(ZONE))
            boxes = [gate_in(pair, 1), gate_in(pair, 2), box_of(pair, Role.BAR, 3)]
            for number in range(2, 40):
                step(pair, chance, boxes, number)
            assert pair.check() > 20


def test_an_office_forgets_no_more_than_others_have_changed(tmp_path: Path) -> None:
    with paired(tmp_path) as pair:
        pair.do(0, lambda o: o.say(ZoneSet(1, 1, "Field", 50)))
        pair.do(1, lambda o: o.say(ZoneSet(2, 1, "Field", 50)))
        pair.do(0, lambda o: o.say(ZoneSet(3, 1, "Field", 50)))
        known = pair.offices[0].store.shelf.cells._known
        before = set(known)
        pair.do(1, lambda o: o.say(ZoneSet(7, 1, "Other", 5)))
        pair.do(0, lambda o: o.store.shelf.arrived)
        assert before - set(known)
        assert before & set(known)
        assert len(known) < CELLS_CACHED_MAX


def test_what_two_offices_lend_of_one_zone_is_never_more_than_it_holds(tmp_path: Path) -> None:
    with paired(tmp_path) as pair:
        pair.do(0, lambda o: o.say(ZONE))
        gates = [gate_in(pair, seed) for seed in range(1, 7)]
        chance = random.Random(3)
        places = allotments.zone_resource(1)
        admissions = 0
        for number in range(150):
            gate = chance.choice(gates)
            if allotments.held(gate.shelf.cells, places, gate.terminal) > 0:
                gate.say(admitted(number))
                admissions += 1
            converse(pair, chance.randrange(2), gate)
            lent = pair.do(number % 2, lambda o: lending.committed(o.cells, places))
            assert lent <= 50
        assert 40 < admissions <= 50
        pair.check()


def test_a_terminal_that_spoke_to_one_office_was_heard_by_all_while_that_one_lives(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    with paired(tmp_path) as pair:
        gate = gate_in(pair, 1)
        first, second = pair.offices
        assert not pair.do(1, lambda o: o.may_grant(gate.terminal))
        converse(pair, 0, gate)
        assert pair.do(1, lambda o: o.may_grant(gate.terminal))
        assert pair.do(1, lambda o: o.store.heard.has_any())
        first.close()
        assert not second.transact([lambda o: o.may_grant(gate.terminal)])[0]
        assert not second.transact([lambda o: o.store.heard.has_any()])[0]


def test_in_a_copy_of_the_database_nobody_was_heard(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    with paired(tmp_path) as pair:
        gate = gate_in(pair, 1)
        converse(pair, 0, gate)
        assert pair.do(0, lambda o: o.may_grant(gate.terminal))
    postgres.copy(tmp_path / "first", tmp_path / "copy")
    copy = office_of(open_office(tmp_path / "copy"), 5)
    assert copy.transact([lambda o: (o.may_grant(gate.terminal), o.store.heard.has_any())]) == [
        (False, False)
    ]
    copy.close()


def test_a_database_that_was_put_back_under_an_office_ends_it(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    with paired(tmp_path) as pair:
        pair.do(0, lambda o: o.say(ZONE))
        pair.offices[1].store.connection.execute("UPDATE festival SET changed = 0")
        with pytest.raises(StoreBroken, match="older copy"):
            pair.do(0, lambda o: o.say(ZONE))


def test_a_code_that_one_office_gave_out_is_known_to_the_other(tmp_path: Path) -> None:
    with paired(tmp_path) as pair:
        codes = [EnrolmentCodes(o.folder.path, FESTIVAL) for o in pair.offices]
        now_s, draw = START_MS // 1000, random.Random(5).randbytes
        key = pair.folder.festival_key
        code = give_out(codes[0], key, Role.GATE, "North", 1, now_s, draw)
        found = []
        codes[1].change(code.selector, lambda kept: found.append(kept))
        assert [one.name for one in found if one is not None] == ["North"]


def test_two_processes_work_on_the_accounts_one_after_the_other(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    """A job reads and then writes; another's in between would be lost."""
    url = postgres.url()
    stores = []
    for name, spelled in (("one", url), ("two", url.replace("postgresql:", "postgres:"))):
        (tmp_path / name).mkdir()
        keep_url(tmp_path / name, spelled)
        stores.append(open_accounts(tmp_path / name, b"mark"))
    set_to = "UPDATE house SET generation = ?"

    def job(books: Books) -> None:
        books._connection.execute(set_to, (books.generation + 1,))

    def work(store: AccountsStore) -> None:
        for _ in range(40):
            store.transact([job])

    threads = [threading.Thread(target=work, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].refresh().generation == 80
    for store in stores:
        store.close()


def test_each_office_takes_the_nonces_of_the_other(tmp_path: Path) -> None:
    with paired(tmp_path) as pair:
        first, second = (mint_of(office.folder) for office in pair.offices)
        assert second.good(first.give(1_000), 1_001)
