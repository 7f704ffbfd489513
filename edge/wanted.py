"""What a code is wanted for just now: the words by which a screen tells the inside of its box."""

from typing import Final, Protocol

USUAL: Final = "usual"  # what the box is for: a ticket to judge, a wristband to charge
PEEK: Final = "peek"
BADGE: Final = "badge"
WRISTBAND: Final = "wristband"


class Wanted(Protocol):
    """What the agent wants of the next code; set from any thread, read by the lane."""

    expects: str
