"""The small file of enrolment codes, where it cannot be used."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cloud.store import database_sqlite
from cloud.store.connection import StoreTrouble
from cloud.store.database_sqlite import ENROLMENT_FILE
from cloud.store.enrolment_codes import EnrolmentCodes
from tests.cloud.offices import FESTIVAL, new_folder

pytestmark = pytest.mark.one_engine


def test_codes_that_others_hold_for_long_are_trouble_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_sqlite, "STORE_BUSY_MS", 50)
    folder = new_folder(tmp_path / "office")
    codes = EnrolmentCodes(folder.path, FESTIVAL)
    codes.change("ABCDE", lambda _: None)
    with closing(sqlite3.connect(folder.path / ENROLMENT_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreTrouble, match="ask again"):
            codes.change("ABCDE", lambda _: None)
    codes.change("ABCDE", lambda _: None)
    (folder.path / ENROLMENT_FILE).write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreTrouble, match="look at the disk"):
        codes.change("ABCDE", lambda _: None)
