"""Opens codes, and remembers what the newest of them opened to: a wristband is read and then pays.

What is remembered is only as good as the office's word by which it was judged, so anything that the
office says in between forgets it all.
"""

from collections import OrderedDict

from edge.limits import CODES_REMEMBERED_MAX
from edge.terminal import Terminal
from sync import catalogue
from sync.codes import CodeRefusal, Ticket, open_code


class KnownCodes:
    """Codes as one terminal opens them; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Know none yet."""
        self._terminal = terminal
        self._version = -1
        self._opened: OrderedDict[str, Ticket | CodeRefusal] = OrderedDict()

    def opened(self, code: str) -> Ticket | CodeRefusal:
        """Return what a code's text opens to: a ticket, or why it is none."""
        cells = self._terminal.store.shelf.cells
        version = catalogue.office_version(cells)
        if version != self._version:
            self._version = version
            self._opened.clear()
        found = self._opened.get(code)
        if found is None:
            keys = catalogue.issuing_keys(cells)
            found = open_code(code, keys, self._terminal.manifest.festival)
            self._opened[code] = found
            if len(self._opened) > CODES_REMEMBERED_MAX:
                self._opened.popitem(last=False)
        return found
