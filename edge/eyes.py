"""What the camera sees: a small picture a few times a second, and what disturbs it.

It is called in the camera's thread with every frame and does next to nothing with most of them.
"""

from collections.abc import Callable
from typing import Final

from hardware.ports import Frame
from hardware.preview import thumbnail
from hardware.view import Hint, View

PICTURE_MS: Final = 330


class Eyes:
    """Makes pictures and hints of frames; `show` and `hint` are called in the camera's thread."""

    def __init__(
        self, show: Callable[[tuple[bytes, ...]], object], hint: Callable[[Hint], object]
    ) -> None:
        """Hand on pictures (rows of RGB bytes, once `size` is set) and each change of the hint."""
        self._show = show
        self._hint = hint
        self._view = View()
        self._last = Hint.FINE
        self._next_ms = 0
        self.size: tuple[int, int] | None = None

    def look(self, frame: Frame, found: bool) -> None:  # noqa: FBT001 - as the watch calls it
        """Look at one frame, in which a code was read or not."""
        hint = self._view.look(frame, found=found)
        if hint is not self._last:
            self._last = hint
            self._hint(hint)
        if self.size is not None and frame.taken_ms >= self._next_ms:
            self._next_ms = frame.taken_ms + PICTURE_MS
            self._show(thumbnail(frame.image, *self.size))
