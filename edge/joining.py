"""How a box that has never worked comes to know a large festival within seconds: by a snapshot.

At its first start, before anything is recorded, it asks the office. What it is given is checked
whole, signature, parts and digest, and put into the store in one transaction; then the ordinary
conversation brings what is newer. Whatever fails, the box reads the journals as it always could.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.limits import (
    JOIN_ANSWER_MS_MAX,
    JOIN_ASK_AGAIN_MS,
    JOIN_WAIT_MS_MAX,
    UPLINK_TIMEOUT_S,
)
from edge.looking_back import PATH
from edge.office_line import LineTrouble, OfficeLine, Patience
from edge.store.standing import Standing
from edge.terminal import STARTED_FILE, Terminal
from edge.timekeeper import TimeTold
from sync.cells import CellKey
from sync.codec import encode
from sync.names import INTEREST_OF_ROLE, FactId, Role, RunId
from sync.partner import PartnerMemory
from sync.snapshot import (
    BEYOND_PAGE,
    RUNS_PAGE,
    BadSnapshot,
    Digest,
    Head,
    RunRow,
    pages_of,
    read_head,
    read_page,
    read_run_page,
)
from sync.snapshot_asking import Ask, BadAsk, State, Wanted, read_content, spell_ask
from sync.snapshot_cells import cells_of

_CONNECT_S: Final = 2
_PATIENCE: Final = Patience(_CONNECT_S, UPLINK_TIMEOUT_S, JOIN_ANSWER_MS_MAX)
_SLOWLY: Final = "This box reads all journals instead, which takes longer."


class NoSnapshot(Exception):
    """The office has none for this box, which is no trouble: its festival is small."""


def open_terminal(folder: Path, role: Role) -> Terminal:
    """Open a folder's terminal without a run; one that has never worked joins by a snapshot.

    `BadManifest` or `StoreTrouble` say what to do if the folder cannot be opened.
    """
    terminal = Terminal(folder, role, opens_run=False)
    try:
        join(terminal)
    except BaseException:
        terminal.close()
        raise
    return terminal


def join(terminal: Terminal) -> bool:
    """Put the office's snapshot into a store that is new; tell whether that was done.

    Before the lane runs. What was wrong with an office that answered is a notice.
    """
    if not _is_new(terminal):
        return False
    line = OfficeLine(terminal, _PATIENCE)
    joiner = _Joiner(terminal, line)
    try:
        head = joiner.head()
        _put(terminal, head, [joiner.part(mark) for mark, _ in head.parts])
    except NoSnapshot:
        return False
    except LineTrouble as trouble:
        if joiner.was_answered:
            terminal.notices.append(f"The office's snapshot did not come ({trouble}). {_SLOWLY}")
        return False
    except (BadSnapshot, BadAsk) as trouble:
        terminal.notices.append(f"The office's snapshot was not used: {trouble}. {_SLOWLY}")
        return False
    finally:
        line.close()
    return True


def _is_new(terminal: Terminal) -> bool:
    """Tell whether a box has never recorded or heard anything."""
    has_worked = (terminal.folder / STARTED_FILE).exists() or terminal.is_recovering
    store = terminal.store
    return not has_worked and store.standing is None and not store.facts()


class _Joiner:
    """Asks the office for a snapshot, piece by piece."""

    def __init__(self, terminal: Terminal, line: OfficeLine) -> None:
        self._terminal = terminal
        self._line = line
        self.was_answered = False

    def head(self) -> Head:
        """Return the signed head; waits a little while the office is making its first."""
        waited_ms = 0
        while True:
            state, content = self._asked(Wanted.HEAD)
            if state is State.HERE:
                manifest = self._terminal.manifest
                key, festival = manifest.office_key, manifest.festival
                return read_head(content, key, festival, self._terminal.role)
            if state is State.NONE:
                raise NoSnapshot
            if waited_ms >= JOIN_WAIT_MS_MAX:
                raise LineTrouble("the office is still making it")
            threading.Event().wait(JOIN_ASK_AGAIN_MS / 1_000)
            waited_ms += JOIN_ASK_AGAIN_MS

    def part(self, mark: bytes) -> bytes:
        """Return the part with this SHA-256, as the office says; it is not checked yet."""
        state, content = self._asked(Wanted.PART, mark)
        if state is not State.HERE:
            raise LineTrouble("the office no longer has it")
        return content

    def _asked(self, wanted: Wanted, mark: bytes | None = None) -> tuple[State, bytes]:
        terminal = self._terminal
        answer = self._line.post(PATH, spell_ask(Ask(terminal.manifest.chain, wanted, mark)))
        self.was_answered = True
        office_ms = self._line.office_ms(answer)
        if office_ms is not None:
            told = TimeTold(office_ms, answer.asked_ms, answer.answered_ms)
            terminal.timekeeper.hear_office(told)
        return read_content(answer.body)


def _put(terminal: Terminal, head: Head, parts: list[bytes]) -> None:
    """Check everything and put it into the store, or nothing of it; `BadSnapshot` says why not."""
    store, role = terminal.store, terminal.role
    runs, beyond = _runs_of(head, parts)
    wanted = INTEREST_OF_ROLE[role]
    if not all(Role(run.role) in wanted for run in runs):
        raise BadSnapshot("it stands for journals that this terminal has no use for")
    heads = {RunId(run.run): (run.head_number, FactId(run.head_id)) for run in runs}
    standing = Standing(head.cells_digest, head.made_at_ms, heads, frozenset(map(FactId, beyond)))
    whole, count = Digest(), 0

    def cells() -> Iterator[tuple[CellKey, bytes]]:
        nonlocal count
        for page, values in _pages(head, parts):
            if values[0] not in {RUNS_PAGE, BEYOND_PAGE}:
                whole.add(page)
                for cell in cells_of(values, role):
                    count += 1
                    yield cell

    def finish() -> None:
        if (count, whole.value()) != (head.cells, head.cells_digest):
            raise BadSnapshot("its cells are not those that the office signed")

    memory = PartnerMemory(store=head.store_id, read=head.position)
    store.standings.put(standing, runs, cells(), encode(memory.row()), finish)
    store.stand_on(standing)
    terminal.replica.covered = standing


def _runs_of(head: Head, parts: list[bytes]) -> tuple[list[RunRow], list[bytes]]:
    """Return the runs that come before all cells, and the ids beyond gaps."""
    runs: list[RunRow] = []
    beyond: list[bytes] = []
    for _, values in _pages(head, parts):
        if values[0] not in {RUNS_PAGE, BEYOND_PAGE}:
            break
        for one in read_run_page(values):
            if isinstance(one, RunRow):
                runs.append(one)
            else:
                beyond.append(one)
    return runs, beyond


def _pages(head: Head, parts: list[bytes]) -> Iterator[tuple[bytes, tuple[object, ...]]]:
    for part, (mark, _) in zip(parts, head.parts, strict=True):
        for page in pages_of(part, mark):
            yield page, read_page(page)
