"""The tables of accounts: organisers, people, their sessions, keys, and whose festivals are whose.

A step that was released is never changed: a later one alters what it made. Ids are hex texts, times
are Unix milliseconds with 0 for never, lists are JSON. `mark` columns are keyed digests of secrets;
`sealed` columns open only with the house key, which is not in the database.
"""

from typing import Final

ACCOUNTS: Final = """
CREATE TABLE house (
    house INTEGER PRIMARY KEY, key_mark BLOB NOT NULL, generation INTEGER NOT NULL
);
CREATE TABLE organiser (
    organiser TEXT PRIMARY KEY, name TEXT NOT NULL, made_ms INTEGER NOT NULL,
    suspended_ms INTEGER NOT NULL, changes INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE festival_index (
    festival INTEGER PRIMARY KEY, organiser TEXT NOT NULL, name TEXT NOT NULL,
    made_ms INTEGER NOT NULL, deleted_ms INTEGER NOT NULL
);
CREATE INDEX festival_index_organiser ON festival_index (organiser, festival);
CREATE TABLE account (
    person TEXT PRIMARY KEY, email_mark BLOB, sealed_key BLOB, sealed_profile BLOB,
    sealed_password BLOB, language TEXT NOT NULL, is_superadmin INTEGER NOT NULL,
    made_ms INTEGER NOT NULL, disabled_ms INTEGER NOT NULL, erased_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX account_email ON account (email_mark);
CREATE TABLE membership (
    organiser TEXT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, festivals TEXT,
    made_ms INTEGER NOT NULL, PRIMARY KEY (organiser, person)
) WITHOUT ROWID;
CREATE INDEX membership_person ON membership (person, organiser);
CREATE TABLE invitation (
    organiser TEXT NOT NULL, invitation TEXT NOT NULL, mark BLOB NOT NULL, role TEXT NOT NULL,
    festivals TEXT, made_by TEXT NOT NULL, made_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL,
    PRIMARY KEY (organiser, invitation)
) WITHOUT ROWID;
CREATE TABLE account_session (
    person TEXT NOT NULL, session TEXT NOT NULL, kind TEXT NOT NULL, organiser TEXT NOT NULL,
    number INTEGER NOT NULL, salt BLOB NOT NULL, attempt BLOB NOT NULL, made_ms INTEGER NOT NULL,
    renewed_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, PRIMARY KEY (person, session)
) WITHOUT ROWID;
CREATE TABLE machine_credential (
    organiser TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
    mark BLOB NOT NULL, scopes TEXT NOT NULL, festivals TEXT, made_by TEXT NOT NULL,
    made_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL, PRIMARY KEY (organiser, kind, id)
) WITHOUT ROWID;
CREATE TABLE superadmin_link (
    link INTEGER PRIMARY KEY, mark BLOB NOT NULL, ends_ms INTEGER NOT NULL
);
CREATE TABLE sign_in_try (
    kind TEXT NOT NULL, mark BLOB NOT NULL, tries INTEGER NOT NULL, last_ms INTEGER NOT NULL,
    eased_ms INTEGER NOT NULL, PRIMARY KEY (kind, mark)
) WITHOUT ROWID;
CREATE INDEX sign_in_try_age ON sign_in_try (last_ms);
"""
