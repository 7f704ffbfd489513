"""The tables of a festival's records and of what is folded from them, step by step.

A step that was released is never changed: a later one alters what it made.
"""

from typing import Final

RECORDS: Final = """
CREATE TABLE festival (
    festival INTEGER PRIMARY KEY, store_id BLOB NOT NULL, arrived INTEGER NOT NULL,
    recovering_since_ms INTEGER NOT NULL
);
CREATE TABLE run (
    festival INTEGER NOT NULL, run BLOB NOT NULL, terminal BLOB NOT NULL, role INTEGER NOT NULL,
    name TEXT NOT NULL, key BLOB NOT NULL, head_number INTEGER NOT NULL, head_id BLOB NOT NULL,
    opened INTEGER NOT NULL, PRIMARY KEY (festival, run)
) WITHOUT ROWID;
CREATE INDEX run_terminal ON run (festival, terminal, opened);
CREATE TABLE record (
    festival INTEGER NOT NULL, arrival INTEGER NOT NULL, id BLOB NOT NULL,
    terminal BLOB NOT NULL, run BLOB NOT NULL, number INTEGER NOT NULL, previous BLOB NOT NULL,
    role INTEGER NOT NULL, raw BLOB NOT NULL
);
CREATE UNIQUE INDEX record_arrival ON record (festival, arrival);
CREATE UNIQUE INDEX record_id ON record (festival, id);
CREATE INDEX record_place ON record (festival, run, number);
CREATE INDEX record_previous ON record (festival, previous);
CREATE TABLE cell (
    festival INTEGER NOT NULL, area INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL,
    value BLOB NOT NULL, PRIMARY KEY (festival, area, kind, key)
) WITHOUT ROWID;
CREATE TABLE waiting (
    festival INTEGER NOT NULL, mark BLOB NOT NULL, run BLOB NOT NULL, number INTEGER NOT NULL,
    raw BLOB NOT NULL, PRIMARY KEY (festival, mark)
) WITHOUT ROWID;
CREATE INDEX waiting_run ON waiting (festival, run, number);
CREATE TABLE writer (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, held INTEGER NOT NULL,
    PRIMARY KEY (festival, terminal)
) WITHOUT ROWID;
CREATE TABLE partner (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, memory BLOB NOT NULL,
    heard_ms INTEGER NOT NULL, PRIMARY KEY (festival, terminal)
) WITHOUT ROWID;
"""

ASKED: Final = """
ALTER TABLE partner ADD COLUMN level_ms INTEGER NOT NULL DEFAULT 0;
CREATE TABLE answered (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, operation BLOB NOT NULL,
    mark BLOB NOT NULL, reply BLOB NOT NULL, granted INTEGER NOT NULL, given INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, PRIMARY KEY (festival, terminal, operation)
) WITHOUT ROWID;
CREATE INDEX answered_age ON answered (festival, terminal, at_ms);
CREATE TABLE claim_try (
    festival INTEGER NOT NULL, wallet BLOB NOT NULL, wrong INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, PRIMARY KEY (festival, wallet)
) WITHOUT ROWID;
"""

IS_SHIFT: Final = "(instr(raw, x'0918390a') OR instr(raw, x'09183a0a'))"
"""What only records hold that open or close a shift (kinds 57 and 58), and few others."""

SHIFTS: Final = f"CREATE INDEX record_shift ON record (festival, terminal) WHERE {IS_SHIFT}"

AUTHORITY: Final = "ALTER TABLE festival ADD COLUMN authority_read INTEGER NOT NULL DEFAULT 0"

RECOVERY: Final = """
CREATE TABLE former_store (
    festival INTEGER NOT NULL, store_id BLOB NOT NULL, PRIMARY KEY (festival, store_id)
) WITHOUT ROWID;
CREATE TABLE caught_up (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (festival, terminal)
) WITHOUT ROWID;
"""
