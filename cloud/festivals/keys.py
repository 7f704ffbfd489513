"""Issuing keys: which codes are taken, which key signs new ones, and changing from one to another.

A new key is stated first and written to the folder after that. Were it the other way round, a power
cut in between would leave a key that signs codes which every gate refuses.
"""

from collections.abc import Callable
from typing import Final

from cloud.api.problems import Problem
from cloud.festivals.models import IssuingKey, KeyState
from cloud.festivals.stating import stated
from cloud.office import Office
from cloud.settings import OfficeFolder, certify_issuing_key
from provisioning.keys import load_key_file
from sync.cells import CellKind, Cells
from sync.codes import CodeKind, Ticket, issue
from sync.keys import SecretKey
from sync.limits import CODE_KEY_ID_MAX
from sync.names import Area


def issuing_keys(folder: OfficeFolder, cells: Cells) -> list[IssuingKey]:
    """Return every key that was ever stated, by its id."""
    here = set(folder.issuing_key_ids())
    found = {
        key.key[0]: (value[0], value[1])
        for key, value in cells.items(Area.OFFICE, CellKind.KEY)
        if value[1]
    }
    signing = max(
        (one for one, (is_retired, _) in found.items() if not is_retired and one in here),
        default=None,
    )
    return [
        IssuingKey(
            key_id=key_id,
            state=_state(is_retired=is_retired, is_here=key_id in here),
            signs=key_id == signing,
            public_key=raw.hex(),
        )
        for key_id, (is_retired, raw) in sorted(found.items())
    ]


def badge_code(folder: OfficeFolder, cells: Cells, badge: int) -> str | None:
    """Return the text of a badge's code, None if no key of this office signs codes."""
    signing = [one.key_id for one in issuing_keys(folder, cells) if one.signs]
    if not signing:
        return None
    key = load_key_file(folder.issuing_key_file(signing[0]))
    ticket = Ticket(CodeKind.STAFF_BADGE, signing[0], folder.festival, badge, 0, 0, 0, 0)
    return issue(ticket, key)


def state_new_key(key: SecretKey) -> Callable[[Office], int | Problem]:
    """Return the job that states a new key under the next free id, and returns the id."""

    def job(office: Office) -> int | Problem:
        folder, cells = office.folder, office.cells
        used = {key.key[0] for key, _ in cells.items(Area.OFFICE, CellKind.KEY)}
        used |= set(folder.issuing_key_ids())
        key_id = max(used, default=0) + 1
        if key_id > CODE_KEY_ID_MAX:
            return Problem(409, f"There are {CODE_KEY_ID_MAX} keys already.", "numbers_spent")
        certificate = certify_issuing_key(folder, key_id, key.public)
        result = stated(office, [{"kind": "certificate", "certificate": certificate.hex()}])
        return result if isinstance(result, Problem) else key_id

    return job


def retire(key_id: int) -> Callable[[Office], list[IssuingKey] | Problem]:
    """Return the job that retires a key, if another one signs afterwards; it returns the keys."""

    def job(office: Office) -> list[IssuingKey] | Problem:
        keys = {one.key_id: one for one in issuing_keys(office.folder, office.cells)}
        wanted = keys.get(key_id)
        if wanted is None:
            return Problem(404, f"There is no issuing key {key_id}.", "not_found")
        if wanted.state is KeyState.RETIRED:
            return list(keys.values())
        others = [one for one in keys.values() if one is not wanted and one.state in _SIGNING]
        if not others:
            return Problem(409, _LAST, "last_key")
        result = stated(office, [{"kind": "retire", "key_id": key_id}])
        if isinstance(result, Problem):
            return result
        return issuing_keys(office.folder, office.cells)

    return job


_SIGNING: Final = (KeyState.IN_USE,)
_LAST: Final = "No other key could sign codes. Make a new key first, then retire this one."


def _state(*, is_retired: bool, is_here: bool) -> KeyState:
    if is_retired:
        return KeyState.RETIRED
    return KeyState.IN_USE if is_here else KeyState.MISSING
