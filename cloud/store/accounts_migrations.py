"""How the accounts come to have every table: steps that are numbered and never changed."""

from typing import Final

from cloud.store.migrations import Step
from cloud.store.tables import accounts

ACCOUNTS_STEPS: Final = (
    Step("accounts 0001 organisers, people, sessions, keys", accounts.ACCOUNTS),
)
"""In a database that holds festivals too, these follow a list of their own."""
