"""How answers are spelled: equal ones have equal bytes, and so an equal tag."""

import hashlib
import json
from typing import Final

from pydantic import BaseModel

_TAG_BYTES: Final = 16


def spell(result: BaseModel) -> bytes:
    """Return an answer as JSON bytes."""
    values = result.model_dump(mode="json")
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def tag_of(body: bytes) -> str:
    """Return the entity tag of a body: whoever has this tag has these bytes."""
    return f'"{hashlib.blake2b(body, digest_size=_TAG_BYTES).hexdigest()}"'
