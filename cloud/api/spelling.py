"""How answers are spelled: equal ones have equal bytes, and so an equal tag."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel

_TAG_BYTES: Final = 16
_TAG: Final = re.compile(r'(W/)?("[^"]*")')


def spell(result: BaseModel) -> bytes:
    """Return an answer as JSON bytes."""
    values = result.model_dump(mode="json")
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def tag_of(body: bytes) -> str:
    """Return the entity tag of a body: whoever has this tag has these bytes."""
    return f'"{hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest()}"'


def names_tag(lines: Iterable[str], tag: str, *, weak_too: bool) -> bool:
    """Tell whether the lines of an `If-Match` or `If-None-Match` name a tag (RFC 9110, 13.1).

    `*` names every one. A weak tag says that something was much alike: enough not to send it again,
    not enough to change it.
    """
    text = ",".join(lines).strip()
    if text == "*":
        return True
    return any(found == tag and (weak_too or not weak) for weak, found in _TAG.findall(text))
