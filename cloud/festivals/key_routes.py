"""`/api/v1/festivals/{festival}/keys`: the keys that sign codes, and the change to a new one."""

import asyncio
from typing import Final

from cloud.accounts.access import organisers
from cloud.api.call import Call
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.clock_and_chance import random_bytes
from cloud.festivals import keys
from cloud.festivals.models import IssuingKey, IssuingKeys
from cloud.festivals.stating import do
from cloud.store.look import Look
from provisioning.keys import BadKeyFile, make_key_file
from sync.keys import SEED_BYTES, SecretKey

ROUTES: Final = Routes("festivals")
_EVERY: Final = f"{API}/festivals/{{festival}}/keys"


@ROUTES.get(_EVERY, may=organisers("festivals:read"))
async def list_keys(call: Call) -> IssuingKeys:
    """List the keys whose codes are or were taken, in the order of their ids."""
    return IssuingKeys(items=await _listed(call))


@ROUTES.post(_EVERY, may=organisers("festivals:write"), status=201)
async def make_key(call: Call) -> IssuingKey:
    """Make a new key, which signs every code from now on.

    Codes of older keys are taken until their key is retired. Gates take codes of the new key from
    their next exchange on, so make it a while before the first of its codes is shown.
    """
    seed = random_bytes(SEED_BYTES)
    folder = call.desk.folder
    key_id = await do(call, keys.state_new_key(SecretKey(seed)))
    try:
        await asyncio.to_thread(make_key_file, folder.issuing_key_file(key_id), seed)
    except BadKeyFile as trouble:
        raise Problem(409, f"Key {key_id} could not be kept: {trouble}", "not_kept") from trouble
    return next(one for one in await _listed(call) if one.key_id == key_id)


@ROUTES.post(f"{_EVERY}/{{key_id}}/retire", may=organisers("festivals:write"))
async def retire_key(call: Call) -> IssuingKey:
    """Retire a key: from their next exchange on gates and bars refuse every code that it signed.

    For good. Refused (409) while no other key signs codes. A key that is retired already stays so.
    """
    key_id = call.places["key_id"]
    found: list[IssuingKey] = await do(call, keys.retire(key_id))
    return next(one for one in found if one.key_id == key_id)


async def _listed(call: Call) -> list[IssuingKey]:
    folder = call.desk.folder

    def see(seen: Look) -> list[IssuingKey]:
        return keys.issuing_keys(folder, seen.cells)

    return await call.desk.look(see)
