"""The doorway to joserfc: the short-lived proof (JWT) that a request brings.

HS256 and not EdDSA: whoever checks it is an office process of this house, which holds the house
key anyway. No other party has to check one, so a public key would serve nobody; a keyed digest is
shorter and checked faster. The algorithm is fixed here and never read from the header.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey

from cloud.accounts.house_key import HouseKey
from cloud.limits import ACCESS_JWT_S, CLOCK_LEEWAY_S, CREDENTIAL_CHARS_MAX

ALGORITHM: Final = "HS256"
AUDIENCE: Final = "guichet-api"
_TYPE: Final = "at+jwt"
"""RFC 9068: so that no JWT made for something else is taken for an access token."""

_LABEL: Final = "access tokens 1"
_HOUSE_ID_LABEL: Final = "house id"
_ID_CHARS: Final = 16
_DOTS: Final = 2


class BadProof(StrEnum):
    """Why a JWT proves nothing."""

    INVALID = "invalid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a JWT says. The store has the last word on all but `scopes`, which can only be fewer.

    `subject` is a user or a client id; `session` is empty for clients. `festivals` is None for all
    of the organiser's. `ends_s` is Unix time in whole seconds.
    """

    subject: str
    session: str
    organiser: str
    role: str
    festivals: tuple[int, ...] | None
    scopes: tuple[str, ...]
    ends_s: int = 0


class AccessTokens:
    """Makes and checks the JWTs of one house."""

    def __init__(self, house_key: HouseKey) -> None:
        """Take the key for this purpose from the house's."""
        secret = house_key.derive(_LABEL)
        self._key = OctKey.import_key(secret)
        self._kid = house_key.derive(f"{_LABEL} name").hex()[:_ID_CHARS]
        self._issuer = f"guichet:{house_key.derive(_HOUSE_ID_LABEL).hex()[:_ID_CHARS]}"
        self._header: Mapping[str, str] = {"alg": ALGORITHM, "typ": _TYPE, "kid": self._kid}

    def make(self, claims: Claims, now_s: int) -> str:
        """Return a JWT that is good for 15 minutes from now (Unix seconds)."""
        row = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s + ACCESS_JWT_S,
            "sub": claims.subject,
            "sid": claims.session,
            "org": claims.organiser,
            "role": claims.role,
            "fst": None if claims.festivals is None else list(claims.festivals),
            "scope": " ".join(claims.scopes),
        }
        return jwt.encode(dict(self._header), row, self._key, algorithms=[ALGORITHM])

    def read(self, text: str, now_s: int) -> Claims | BadProof:
        """Return what a JWT says if it was made here, for the API, and is good now."""
        if len(text) > CREDENTIAL_CHARS_MAX or text.count(".") != _DOTS:
            return BadProof.INVALID
        rules = jwt.JWTClaimsRegistry(
            now_s,
            CLOCK_LEEWAY_S,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            nbf={"essential": True},
            iat={"essential": True},
        )
        try:
            found = jwt.decode(text, self._key, algorithms=[ALGORITHM])
            rules.validate(found.claims)
        except ExpiredTokenError:
            return BadProof.EXPIRED
        except (JoseError, ValueError, TypeError, RecursionError):
            return BadProof.INVALID
        if found.header != self._header:
            return BadProof.INVALID
        return _claims_of(found.claims)

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "AccessTokens()"


def _claims_of(row: Mapping[str, Any]) -> Claims | BadProof:
    """Read our own claims; nothing else is ever signed, so anything else is a mistake of ours."""
    texts = [row.get(name) for name in ("sub", "sid", "org", "role", "scope")]
    festivals = row.get("fst")
    is_list = isinstance(festivals, list) and all(type(number) is int for number in festivals)
    if not all(isinstance(text, str) for text in texts) or not (is_list or festivals is None):
        return BadProof.INVALID
    subject, session, organiser, role, scope = map(str, texts)
    named = None if festivals is None else tuple(festivals)
    return Claims(subject, session, organiser, role, named, tuple(scope.split()), int(row["exp"]))
