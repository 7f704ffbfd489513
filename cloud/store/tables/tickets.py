"""The tables of tickets, of who holds them, and of the links that show them.

A serial is 8 bytes, high first: whole numbers of a database have a sign and end before ours. A
step that was released is never changed: a later one alters what it made.
"""

from typing import Final

TICKETS: Final = """
CREATE TABLE ticket (
    festival INTEGER NOT NULL, serial BLOB NOT NULL, type INTEGER NOT NULL,
    key_id INTEGER NOT NULL, valid_from INTEGER NOT NULL, valid_until INTEGER NOT NULL,
    flags INTEGER NOT NULL, state INTEGER NOT NULL, version INTEGER NOT NULL,
    origin INTEGER NOT NULL, batch BLOB NOT NULL, made_ms INTEGER NOT NULL,
    counted INTEGER NOT NULL, order_id BLOB, holder BLOB, replaced_by BLOB, external TEXT,
    reference TEXT NOT NULL,
    PRIMARY KEY (festival, serial)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ticket_external ON ticket (festival, external);
CREATE INDEX ticket_made ON ticket (festival, made_ms, serial);
CREATE INDEX ticket_batch ON ticket (festival, batch, made_ms, serial);
CREATE INDEX ticket_order ON ticket (festival, order_id);
CREATE INDEX ticket_reference ON ticket (festival, reference);
CREATE INDEX ticket_holder ON ticket (festival, holder);
CREATE TABLE person (
    festival INTEGER NOT NULL, person BLOB NOT NULL, sealed_key BLOB NOT NULL,
    sealed BLOB NOT NULL, PRIMARY KEY (festival, person)
) WITHOUT ROWID;
CREATE TABLE ticket_link (
    festival INTEGER NOT NULL, mark BLOB NOT NULL, link BLOB NOT NULL, label TEXT NOT NULL,
    made_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL,
    PRIMARY KEY (festival, mark)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ticket_link_id ON ticket_link (festival, link);
CREATE INDEX ticket_link_made ON ticket_link (festival, made_ms, link);
CREATE TABLE ticket_of_link (
    festival INTEGER NOT NULL, link BLOB NOT NULL, place INTEGER NOT NULL, serial BLOB NOT NULL,
    PRIMARY KEY (festival, link, place)
) WITHOUT ROWID;
"""
