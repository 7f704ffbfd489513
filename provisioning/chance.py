"""The doorway to randomness for everything outside the office: keys, ids, jitter."""

import secrets


def random_bytes(count: int) -> bytes:
    """Return so many bytes that nobody can foresee, from the operating system."""
    return secrets.token_bytes(count)


def random_below(most: int) -> int:
    """Return a whole number from 0 up to, not including, `most`, each as likely."""
    return secrets.randbelow(most)
