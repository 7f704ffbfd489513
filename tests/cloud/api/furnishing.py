"""A fair with one of everything, made over the API, and the names by which it is asked for.

What is made up at random is hardly ever there. With these names put in its place a request reaches
what stands behind the door, instead of hearing over and over that there is no such thing.
"""

from dataclasses import dataclass, field
from typing import Any

from cloud.accounts.superadmin import make_link
from sync.facts import BarSet, CertificateIssued, ShiftOpened
from sync.names import Role
from tests.cloud.api.matrix_world import PASSWORD, World
from tests.cloud.box import Box
from tests.cloud.facts import sold

LINKED = 2
TICKETS = 60
ORDERS = 12
USED, SPARE, GONE = 1, 2, 3
"""Of each part of the catalogue: one that is in use, one that nothing needs, a deleted one."""
ENDS_A_TERMINAL = {"terminals_revoke_terminal", "terminals_write_off_terminal"}
TAKES_AN_INVITATION = ("accounts_accept_invitation", "accounts_join")
TAKES_A_LINK = "accounts_accept_superadmin_link"
PARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "zone": ("zones", {"capacity": 5_000}),
    "type": ("ticket-types", {"zones": [USED], "price": 500, "quota": 4_000}),
    "bar": ("bars", {}),
    "product": ("products", {"price": 550, "stock": 100}),
    "gate": ("gates", {"zone": USED}),
    "voucher": ("vouchers", {"worth": 300, "products": [USED]}),
}


@dataclass
class Furnished:
    """What is there: by the names in paths, and by the names of fields in bodies."""

    festival: int
    places: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    tickets: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    spare_festival: int = 0
    spare_terminal: str = ""
    waiting_code: str = ""

    def known(self, name: str, turn: int, *, is_there: bool) -> "Known":
        """Return what an operation may ask for; `turn` chooses among many of a kind.

        What ends a thing ends a spare one. Of what is not there only the festival is named.
        """
        festival = self.spare_festival if name == "festivals_delete_festival" else self.festival
        if not is_there:
            return Known({"festival": festival}, {"festival": festival})
        serial, order = self.tickets[LINKED + turn % TICKETS], self.orders[turn % ORDERS]
        places = self.places | {"festival": festival, "serial": serial, "order": order}
        if name.startswith("festivals_delete_"):
            places |= dict.fromkeys(PARTS, SPARE)
        if name.startswith("festivals_restore_"):
            places |= dict.fromkeys(PARTS, GONE)
        if name == "tickets_linked_picture":
            places["serial"] = self.tickets[0]
        if name in ENDS_A_TERMINAL:
            places["terminal"] = self.spare_terminal
        secret = {"secret": self.secrets.get(name, "")}
        return Known(places, self.fields | {"serials": [serial]} | secret)


@dataclass(frozen=True)
class Known:
    """What an operation may name: in its path, and in the fields of its body or query."""

    places: dict[str, Any]
    fields: dict[str, Any]


async def furnish(world: World) -> Furnished:
    """Make one of everything in the world's festival, as its people would."""
    fair = Furnished(world.festival)
    fair.fields |= {"festival": fair.festival, "festivals": [fair.festival], "password": PASSWORD}
    await _catalogue(world, fair)
    await _tickets(world, fair)
    await _orders(world, fair)
    await _money(world, fair)
    await _scans(world, fair)
    await _terminals(world, fair)
    await _accounts(world, fair)
    await _festivals(world, fair)
    return fair


async def _made(world: World, fair: Furnished, path: str, row: dict[str, Any]) -> Any:
    return await _here(world, fair, "POST", path, row)


async def _here(
    world: World, fair: Furnished, method: str, path: str, row: dict[str, Any] | None = None
) -> Any:
    where = f"/api/v1/festivals/{fair.festival}{path}"
    headers = {"Idempotency-Key": f"furnish-{path}"}
    return await world.done(method, where, "organiser", json=row, headers=headers)


async def _catalogue(world: World, fair: Furnished) -> None:
    for name, (folder, row) in PARTS.items():
        for number in (USED, SPARE, GONE):
            named = row | {"name": f"{name} {number}"}
            await _here(world, fair, "PUT", f"/{folder}/{number}", named)
        await _here(world, fair, "DELETE", f"/{folder}/{GONE}")
        fair.places[name] = fair.fields[name] = USED
        fair.fields[folder.replace("-", "_")] = [USED]
    fair.fields |= {"ticket_type": USED, "types": [USED]}
    gate = {"name": "Phone", "zone": USED}
    await _here(world, fair, "PUT", "/online-gates/1", gate)
    fair.places["online_gate"] = USED
    fair.places["key_id"] = (await _made(world, fair, "/keys", {}))["key_id"]
    staff = {"call_sign": "Fox", "rights": ["seller"], "pin": "482915"}
    fair.places["badge"] = (await _made(world, fair, "/staff", staff))["badge"]


async def _tickets(world: World, fair: Furnished) -> None:
    made = await _made(world, fair, "/tickets", {"type": USED, "count": LINKED + TICKETS})
    fair.tickets = [ticket["serial"] for ticket in made["tickets"]]
    fair.fields |= {"text": made["tickets"][0]["code"], "serial": fair.tickets[0]}
    fair.waiting_code = made["tickets"][-1]["code"]
    link = await _made(world, fair, "/ticket-links", {"serials": fair.tickets[:LINKED], "days": 3})
    other = await _made(world, fair, "/ticket-links", {"serials": fair.tickets[:LINKED], "days": 3})
    fair.places |= {"link": other["link"], "secret": link["path"].rpartition("/")[2]}


async def _orders(world: World, fair: Furnished) -> None:
    row = {"festival": fair.festival, "tickets": [{"type": USED, "count": 2}]}
    for number in range(ORDERS):
        headers = {"Idempotency-Key": f"order-{number}"}
        how: dict[str, Any] = {"json": row, "headers": headers}
        made = await world.done("POST", "/api/v1/orders", "organiser", **how)
        fair.orders.append(made["order"])
        if number % 2:
            paid = {"festival": fair.festival, "method": "card"}
            path = f"/api/v1/orders/{made['order']}/pay"
            await world.done("POST", path, "organiser", json=paid, headers=headers)


async def _money(world: World, fair: Furnished) -> None:
    bands = await _made(world, fair, "/wristbands", {"count": 1})
    wallet = fair.places["wallet"] = fair.fields["wallet"] = bands["items"][0]["serial"]
    row = {"festival": fair.festival, "wallet": wallet, "amount_minor": 5_000, "method": "card"}
    headers = {"Idempotency-Key": "top-up"}
    await world.done("POST", "/api/v1/cashless/topup", "organiser", json=row, headers=headers)


async def _scans(world: World, fair: Furnished) -> None:
    here: dict[str, Any] = {"festival": fair.festival, "gate": USED}
    row = here | {"text": fair.waiting_code}
    asked = await world.done("POST", "/api/v1/scan/request", "organiser", json=row)
    fair.fields["session"] = asked["session"]
    row = here | {"serial": fair.tickets[-2], "one_step": True}
    done = await world.done("POST", "/api/v1/scan/request", "organiser", json=row)
    fair.fields["fact"] = done["fact"]


async def _terminals(world: World, fair: Furnished) -> None:
    """Let a till sell something, and leave it and another one to be asked for."""
    desk = world.house.festivals[fair.festival].desk
    keys = (desk.folder.festival_key, desk.folder.certificate, desk.folder.key)
    names = []
    for seed in (1, 2):
        till = Box(fair.festival, *keys, Role.BAR, f"Till {seed}", seed)
        stands = BarSet(till.terminal, 1, till.name, USED)
        await desk.say(CertificateIssued(till.certificate), stands)
        sale = sold(int(fair.places["wallet"]), 550, sale=seed)
        till.say(ShiftOpened(USED, USED, USED, 10_000), sale)
        await till.level(world.session, f"{world.url}/festivals/{fair.festival}")
        names.append(till.terminal.hex())
    fair.places["terminal"], fair.spare_terminal = names
    fair.fields["terminal"] = names[0]
    fair.places["shift"] = USED


async def _accounts(world: World, fair: Furnished) -> None:
    members = await world.done("GET", "/api/v1/members", "organiser")
    fair.places["user"] = next(one["user"] for one in members["items"] if one["role"] == "agent")
    for name in ("", *TAKES_AN_INVITATION):
        row = {"role": "agent"}
        invited = await world.done("POST", "/api/v1/invitations", "organiser", json=row)
        fair.places["invitation"], fair.secrets[name] = invited["invitation"], invited["secret"]
    fair.secrets[TAKES_A_LINK] = (await make_link(world.accounts)).show()
    machine = {"name": "a machine", "scopes": ["figures:read"]}
    key = await world.done("POST", "/api/v1/keys", "organiser", json=machine)
    client = await world.done("POST", "/api/v1/clients", "organiser", json=machine)
    fair.places |= {"key": key["key"], "client": client["client"]}
    found = await world.done("GET", "/api/v1/auth/me", "other organiser")
    fair.places["organiser"] = found["organiser"]
    await world.register("somebody")
    other = await world.register("somebody else")
    fair.fields |= {
        "email": "somebody@example.org",
        "refresh_token": other["refresh_token"],
    }


async def _festivals(world: World, fair: Furnished) -> None:
    numbers = []
    for title in ("Spare", "Gone"):
        row = {"title": title}
        made = await world.done("POST", "/api/v1/festivals", "organiser", json=row)
        numbers.append(made["number"])
    fair.spare_festival, gone = numbers
    await world.done("DELETE", f"/api/v1/festivals/{gone}", "organiser")
    fair.places["deleted_festival"] = gone
