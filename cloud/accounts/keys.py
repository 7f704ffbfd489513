"""API keys and OAuth clients: made by who has what they are given, told once, revoked at once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cloud.accounts.access import Kind, OrganiserId, Principal, Scope
from cloud.accounts.giving import trouble_with_festivals, trouble_with_giving
from cloud.accounts.secret_texts import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    SECRET_BYTES,
    SHORT_ID_BYTES,
    SecretText,
    fits,
)
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.troubles import Trouble
from cloud.limits import CLIENTS_MAX, KEYS_MAX
from cloud.store.accounts import Books
from cloud.store.accounts_machines import Machine, MachineKind
from cloud.store.accounts_organisers import Festivals

_MAX: Final = {MachineKind.KEY: KEYS_MAX, MachineKind.CLIENT: CLIENTS_MAX}
_KIND: Final = {MachineKind.KEY: Kind.KEY, MachineKind.CLIENT: Kind.CLIENT}


async def make_machine(
    accounts: Accounts,
    principal: Principal,
    kind: MachineKind,
    name: str,
    scopes: frozenset[Scope],
    festivals: Festivals,
) -> tuple[Machine, SecretText] | Trouble:
    """Make a key or client for the organiser of who asks; its secret is told this once."""
    organiser = principal.organiser
    if organiser is None:
        return Trouble.ORGANISER_NEEDED
    if not scopes:
        return Trouble.SCOPES_EMPTY
    trouble = trouble_with_giving(principal, scopes, festivals)
    if trouble is not None:
        return trouble
    short_id, secret = accounts.draw(SHORT_ID_BYTES), accounts.draw(SECRET_BYTES)
    machine = Machine(
        organiser=organiser,
        kind=kind,
        id=short_id.hex(),
        name=name,
        mark=accounts.marks.of(kind.value, secret),
        scopes=scopes,
        festivals=festivals,
        made_by=principal.id,
        made_ms=accounts.now_ms(),
    )
    trouble = await accounts.do(_adding(machine))
    if trouble is not None:
        return trouble
    row = {"organiser": organiser, "kind": kind.value, "id": machine.id, "by": principal.id}
    LOG.info("key made", extra={"row": row})
    if kind is MachineKind.CLIENT:
        return machine, CLIENT_SECRET.spell(secret)
    return machine, API_KEY.spell(short_id, bytes.fromhex(organiser), secret)


async def machines(accounts: Accounts, organiser: OrganiserId, kind: MachineKind) -> list[Machine]:
    """Return an organiser's keys or clients, the oldest first."""
    return await accounts.look(lambda books: books.machines.of(organiser, kind))


async def revoke_machine(
    accounts: Accounts, principal: Principal, kind: MachineKind, name: str
) -> Trouble | None:
    """End a key or client of the organiser of who asks; it is refused from now on."""
    organiser = principal.organiser
    if organiser is None:
        return Trouble.ORGANISER_NEEDED

    def job(books: Books) -> Trouble | None:
        if not books.machines.remove(organiser, kind, name):
            return Trouble.UNKNOWN
        books.raise_generation()
        return None

    trouble = await accounts.do(job)
    if trouble is None:
        row = {"organiser": organiser, "kind": kind.value, "id": name, "by": principal.id}
        LOG.info("key revoked", extra={"row": row})
    return trouble


def client_id_of(machine: Machine) -> str:
    """Return the public name with which a client asks for access."""
    parts = (bytes.fromhex(machine.id), bytes.fromhex(machine.organiser))
    return CLIENT_ID.spell(*parts).show()


def find_key(accounts: Accounts, books: Books, shown: str) -> Machine | None:
    """Return the API key that somebody shows, None if it is none (any more)."""
    parts = API_KEY.read(shown)
    if parts is None:
        return None
    short_id, organiser, secret = parts
    whose = OrganiserId(organiser.hex())
    found = books.machines.find(whose, MachineKind.KEY, short_id.hex())
    return _proved(accounts, found, secret)


def find_client(accounts: Accounts, books: Books, client_id: str, shown: str) -> Machine | None:
    """Return the client whose id and secret somebody shows, None if they are not one's."""
    names, secrets = CLIENT_ID.read(client_id), CLIENT_SECRET.read(shown)
    if names is None or secrets is None:
        return None
    short_id, organiser = names
    whose = OrganiserId(organiser.hex())
    found = books.machines.find(whose, MachineKind.CLIENT, short_id.hex())
    return _proved(accounts, found, secrets[0])


def principal_of(books: Books, machine: Machine) -> Principal | Trouble:
    """Return who asks when this key or client does, unless its organiser is suspended."""
    organiser = books.organisers.find(machine.organiser)
    if organiser is None or organiser.suspended_ms:
        return Trouble.ORGANISER_SUSPENDED
    return Principal(
        kind=_KIND[machine.kind],
        id=machine.id,
        role=None,
        organiser=machine.organiser,
        festivals=machine.festivals,
        scopes=machine.scopes,
    )


def limited_to(principal: Principal, scopes: frozenset[Scope]) -> Principal:
    """Return who asks with no more than these scopes."""
    return replace(principal, scopes=principal.scopes & scopes)


def _adding(machine: Machine) -> Callable[[Books], Trouble | None]:
    def job(books: Books) -> Trouble | None:
        if len(books.machines.of(machine.organiser, machine.kind)) >= _MAX[machine.kind]:
            return Trouble.TOO_MANY
        trouble = trouble_with_festivals(books, machine.organiser, machine.festivals)
        if trouble is None:
            books.machines.add(machine)
        return trouble

    return job


def _proved(accounts: Accounts, machine: Machine | None, secret: bytes) -> Machine | None:
    if machine is None:
        return None
    is_right = fits(machine.mark, accounts.marks.of(machine.kind.value, secret))
    return machine if is_right else None
