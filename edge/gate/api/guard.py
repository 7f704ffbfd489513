"""Who may ask what: the Host header, the key, how often, and what the key is for; in this order."""

from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from edge.gate.api.address import Address
from edge.gate.api.keys import KeyRing, ScanKey, Scope
from edge.gate.api.middleware import KEY_NAME, Handler
from edge.gate.api.patience import Allowance, Strangers
from edge.gate.api.problems import Refusal
from edge.limits import API_KEY_CHARS_MAX, API_SEARCH_COST_REQUESTS
from edge.timekeeper import Timekeeper

_SCHEME: Final = "bearer"
_WHO: Final = {"WWW-Authenticate": 'Bearer realm="gate"'}


@dataclass(slots=True)
class Guard:
    """What stands before every route of one scan API, also before those that do not exist."""

    address: Address
    keys: KeyRing
    clock: Timekeeper
    allowance: Allowance = field(default_factory=Allowance)
    strangers: Strangers = field(default_factory=Strangers)

    def check(self, request: web.Request) -> None:
        """Let a request pass, or raise the `Refusal` that answers it."""
        hosts = self.address.hosts()
        if hosts and request.headers.get("Host", "").lower() not in hosts:
            raise Refusal(421, "This gate is not called so: ask it by the address it listens on.")
        now_ms = self.clock.monotonic_ms()
        key = self._key(request)
        if key is None:
            wait_s = self.strangers.failed(request.remote or "", now_ms)
            if wait_s:
                raise _later("Too many wrong keys from this address.", wait_s)
            sentence = "Show a key of this gate: Authorization: Bearer KEY. gate-key makes one."
            raise Refusal(401, sentence, _WHO)
        request[KEY_NAME] = key.name
        cost = API_SEARCH_COST_REQUESTS if request.query.get("search") else 1
        wait_s = self.allowance.take(key.sha256, now_ms, cost)
        if wait_s:
            raise _later("This key asks too often.", wait_s)
        if key.scope is not Scope.SCAN and request.method != "GET":
            raise Refusal(403, "This key may only look.")

    def _key(self, request: web.Request) -> ScanKey | None:
        shown = request.headers.getall("Authorization", [])
        if len(shown) != 1 or len(shown[0]) > API_KEY_CHARS_MAX:
            return None
        scheme, _, text = shown[0].partition(" ")
        return self.keys.open(text) if scheme.lower() == _SCHEME else None


GUARD: Final = web.AppKey("guard", Guard)


@web.middleware
async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let only those through whom the guard lets pass."""
    request.app[GUARD].check(request)
    return await handler(request)


def _later(sentence: str, wait_s: int) -> Refusal:
    return Refusal(429, sentence, {"Retry-After": str(wait_s)})
