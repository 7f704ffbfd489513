"""`/api/v1/festivals/{festival}/policy`: the limits within which terminals decide alone."""

from typing import Any, Final

from cloud.accounts.access import organisers, staff
from cloud.api.call import Call
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.festivals.catalogue import mismatch
from cloud.festivals.models import PolicyPatch, PolicyShown
from cloud.festivals.stating import do, stated
from cloud.office import Office
from cloud.store.look import Look
from sync import catalogue
from sync.catalogue import Setting
from sync.cells import Cells

ROUTES: Final = Routes("festivals")
_PATH: Final = f"{API}/festivals/{{festival}}/policy"


@ROUTES.get(_PATH, may=staff("festivals:read"))
async def show_policy(call: Call) -> PolicyShown:
    """Show every limit; the answer's `ETag` is for `If-Match`.

    Money is in minor units, times are in seconds or minutes, -1 is without limit.
    """
    return await call.desk.look(_seen)


@ROUTES.patch(_PATH, may=organisers("festivals:write"))
async def change_policy(call: Call, body: PolicyPatch) -> PolicyShown:
    """Change some limits; every terminal follows them from its next exchange on.

    With `If-Match` they are changed only if they are still what that tag was read with (412 if
    not).
    """
    wanted = body.model_dump(mode="json", exclude_none=True)

    def job(office: Office) -> Any:
        there = _shown(office.cells)
        wrong = mismatch(call.request, there)
        if wrong is not None:
            return wrong
        new = {name: value for name, value in wanted.items() if value != getattr(there, name)}
        result = stated(office, [{"kind": "policy", "settings": new}] if new else [])
        return result if isinstance(result, Problem) else _shown(office.cells)

    return PolicyShown.model_validate(await do(call, job))


def _seen(seen: Look) -> PolicyShown:
    return _shown(seen.cells)


def _shown(cells: Cells) -> PolicyShown:
    limits = catalogue.policy(cells)
    names = [setting.name.lower() for setting in Setting]
    return PolicyShown(**{name: getattr(limits, name) for name in names})
