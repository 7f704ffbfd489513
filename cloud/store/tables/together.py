"""What several office processes on one PostgreSQL database tell each other, step by step.

`changed` counts the transactions that wrote to a festival, and a row for each says which cells and
runs they touched, so that the others forget only those. `heard_by` names the living process that
heard a terminal.
"""

from typing import Final

TOGETHER: Final = """
ALTER TABLE festival ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE partner ADD COLUMN heard_by INTEGER NOT NULL DEFAULT 0;
CREATE TABLE change (
    festival INTEGER NOT NULL, number INTEGER NOT NULL, touched BLOB NOT NULL,
    PRIMARY KEY (festival, number)
) WITHOUT ROWID
"""
