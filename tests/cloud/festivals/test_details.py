"""The book of what the office alone keeps: versions, deletion, and other festivals beside it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.limits import DETAIL_VERSIONS_MAX
from cloud.office import Office
from cloud.settings import open_office
from cloud.store.details import DetailsBook
from sync.clock import TRUSTED_CLOCK, Moment
from tests.cloud.offices import new_folder

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["zone", "type"]),
        st.sampled_from(["1", "2", "10"]),
        st.dictionaries(st.sampled_from("ab"), st.integers(0, 2) | st.none(), max_size=2),
        st.booleans(),
    ),
    max_size=30,
)


def office_at(path: Path) -> Office:
    draws = iter(range(1, 10_000))
    folder = open_office(path)
    return Office(
        folder, lambda: Moment(1, TRUSTED_CLOCK), lambda n: next(draws).to_bytes(n, "big")
    )


@pytest.mark.one_engine  # drawn examples: the engines are compared by the tests of the API
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=40)
@given(deeds=DEEDS)
def test_the_newest_word_counts_and_the_same_word_twice_is_one_version(
    deeds: list[tuple[str, str, dict[str, int | None], bool]],
) -> None:
    with TemporaryDirectory() as name:
        office = office_at(new_folder(Path(name) / "office").path)
        said: dict[tuple[str, str], list[tuple[dict[str, int | None], bool]]] = {}

        def job(office: Office) -> None:
            book = DetailsBook(office.store.connection, 7)
            other = DetailsBook(office.store.connection, 8)
            for kind, thing, words, is_deleted in deeds:
                book.put(kind, thing, words, is_deleted=is_deleted, said_by="me", now_ms=5)
                told = said.setdefault((kind, thing), [])
                if not told or told[-1] != (words, is_deleted):
                    told.append((words, is_deleted))
            for (kind, thing), told in said.items():
                newest = book.one(kind, thing)
                assert newest is not None
                assert (newest.words, newest.is_deleted) == told[-1]
                assert newest == book.every(kind)[thing]
                versions = book.versions(kind, thing)
                assert [(v.words, v.is_deleted) for v in reversed(versions)] == told
                assert [v.version for v in reversed(versions)] == list(range(1, len(told) + 1))
                assert other.one(kind, thing) is None
            assert other.every("zone") == {}

        office.transact([job])
        office.close()


def test_only_the_last_versions_are_kept(tmp_path: Path) -> None:
    office = office_at(new_folder(tmp_path / "office").path)

    def job(office: Office) -> list[int]:
        book = DetailsBook(office.store.connection, 7)
        for number in range(DETAIL_VERSIONS_MAX + 5):
            book.put("type", "1", {"price": number}, now_ms=number)
        return [one.version for one in book.versions("type", "1", 1_000)]

    (versions,) = office.transact([job])
    office.close()
    assert versions == list(range(DETAIL_VERSIONS_MAX + 5, 5, -1))
