"""The table of the codes that boxes enrol with: a small file of its own where SQLite keeps them."""

from typing import Final

CODES: Final = """
CREATE TABLE IF NOT EXISTS enrolment_code (
    festival INTEGER NOT NULL, selector TEXT NOT NULL, proof_key BLOB NOT NULL,
    terminal BLOB NOT NULL, role INTEGER NOT NULL, name TEXT NOT NULL, place INTEGER NOT NULL,
    ends_s INTEGER NOT NULL, tries INTEGER NOT NULL, box_key BLOB,
    PRIMARY KEY (festival, selector)
) WITHOUT ROWID
"""
