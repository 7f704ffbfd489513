"""What opinions may cost over time: a gate that looks at an empty field must leave the box cool.

Without a limit every frame without a code would cost as much as the hardest frame with one. A purse
fills slowly with time and at once with a success, so a rush is read with everything we have, and an
idle gate spends only its steady share.
"""


class Purse:
    """A store of microseconds that fills by a share of the time that passes."""

    def __init__(self, capacity_us: int, share_percent: int) -> None:
        """Start full."""
        self._capacity_us = capacity_us
        self._share_percent = share_percent
        self._left_us = capacity_us
        self._at_us: int | None = None

    def is_open(self, now_us: int) -> bool:
        """Add what time has brought up to now (monotonic); tell whether anything is left."""
        if self._at_us is not None:
            earned_us = max(0, now_us - self._at_us) * self._share_percent // 100
            self._left_us = min(self._capacity_us, self._left_us + earned_us)
        self._at_us = now_us
        return self._left_us > 0

    def spend(self, spent_us: int) -> None:
        """Take out what an opinion has cost; the debt is at most a whole purse."""
        self._left_us = max(-self._capacity_us, self._left_us - spent_us)

    def fill(self) -> None:
        """Fill to the brim: something was read, so the next guest is near."""
        self._left_us = self._capacity_us
