"""The tables of online scans: sessions that wait for a human, and who scanned what where.

What was judged stands in the records; `online_scan` finds those of an online gate, whose writer is
whichever office process it was, and `record_gate` those of a gate that writes its own.
"""

from typing import Final

SCANS: Final = """
CREATE TABLE scan_session (
    festival INTEGER NOT NULL, session BLOB NOT NULL, principal TEXT NOT NULL,
    question BLOB NOT NULL, asked TEXT NOT NULL, ends_ms INTEGER NOT NULL,
    answer BLOB NOT NULL, PRIMARY KEY (festival, session)
) WITHOUT ROWID;
CREATE INDEX scan_session_age ON scan_session (festival, ends_ms);
CREATE TABLE online_scan (
    festival INTEGER NOT NULL, arrival INTEGER NOT NULL, gate BLOB NOT NULL,
    principal TEXT NOT NULL, PRIMARY KEY (festival, arrival)
) WITHOUT ROWID;
CREATE INDEX online_scan_gate ON online_scan (festival, gate, arrival);
CREATE INDEX record_gate ON record (festival, terminal, arrival) WHERE role = 2;
"""
