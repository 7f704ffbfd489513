"""The tables of orders, of what ticket types are offered for, and of answers that are kept."""

from typing import Final

ORDERS: Final = """
CREATE TABLE ticket_offer (
    festival INTEGER NOT NULL, type INTEGER NOT NULL, price INTEGER NOT NULL,
    vat INTEGER NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL,
    per_order_max INTEGER NOT NULL, visible INTEGER NOT NULL, PRIMARY KEY (festival, type)
) WITHOUT ROWID;
CREATE TABLE order_placed (
    festival INTEGER NOT NULL, id BLOB NOT NULL, buyer TEXT NOT NULL, state TEXT NOT NULL,
    total INTEGER NOT NULL, refunded INTEGER NOT NULL, made_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL, paid_ms INTEGER NOT NULL, method TEXT NOT NULL,
    reference TEXT NOT NULL, PRIMARY KEY (festival, id)
) WITHOUT ROWID;
CREATE INDEX order_placed_made ON order_placed (festival, made_ms, id);
CREATE INDEX order_placed_buyer ON order_placed (festival, buyer, made_ms);
CREATE INDEX order_placed_due ON order_placed (festival, expires_ms) WHERE state = 'reserved';
CREATE TABLE order_line (
    festival INTEGER NOT NULL, id BLOB NOT NULL, line INTEGER NOT NULL, type INTEGER NOT NULL,
    quantity INTEGER NOT NULL, price INTEGER NOT NULL, vat INTEGER NOT NULL,
    refunded INTEGER NOT NULL, PRIMARY KEY (festival, id, line)
) WITHOUT ROWID;
CREATE TABLE answer_kept (
    festival INTEGER NOT NULL, principal TEXT NOT NULL, name BLOB NOT NULL, mark BLOB NOT NULL,
    number INTEGER NOT NULL, status INTEGER NOT NULL, type TEXT NOT NULL, body BLOB NOT NULL,
    at_ms INTEGER NOT NULL, PRIMARY KEY (festival, principal, name)
) WITHOUT ROWID;
CREATE UNIQUE INDEX answer_kept_number ON answer_kept (festival, principal, number);
CREATE INDEX answer_kept_age ON answer_kept (festival, at_ms);
"""
