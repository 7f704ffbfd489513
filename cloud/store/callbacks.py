"""Who waits for news of which festival in this process, whatever brings the news."""

import threading
from collections.abc import Callable

Callback = Callable[[], object]


class Callbacks:
    """Callbacks by festival; any thread may add one, take it back, or bring news."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._lock = threading.Lock()
        self._waiting: dict[int, list[Callback]] = {}

    def add(self, festival: int, callback: Callback) -> Callable[[], None]:
        """Have `callback` called after news of a festival; return what undoes this."""
        with self._lock:
            self._waiting.setdefault(festival, []).append(callback)

        def undo() -> None:
            with self._lock:
                self._waiting[festival].remove(callback)

        return undo

    def call(self, festival: int | None) -> None:
        """Call who waits for a festival, or everybody; in this thread, outside of the lock."""
        with self._lock:
            if festival is None:
                wanted = [one for some in self._waiting.values() for one in some]
            else:
                wanted = list(self._waiting.get(festival, ()))
        for callback in wanted:
            callback()
