"""An area of the API for trials: one route of each kind, about coats in a cloakroom."""

from cloud.accounts.access import Scope, organisers, public, signed_in, staff, superadmins
from cloud.api.call import Answer, Call
from cloud.api.models import U32, Given, Minor, Nothing, Page, PageQuery, SerialText, Taken
from cloud.api.problems import Problem
from cloud.api.routes import Routes
from cloud.api.serving import check_match
from cloud.office import Office
from cloud.once import Deed
from tests.cloud.api.houses import MINE, OTHERS

OWNERS = {7: MINE, 8: OTHERS}
ROUTES = Routes("trial")


class Coat(Taken):
    """Something that comes in."""

    price: Minor
    serial: SerialText = "0"


class Hung(Given):
    """Something that goes out."""

    price: int
    where: int


@ROUTES.post("/api/v1/festivals/{festival}/coats", may=organisers("tickets:write"), status=201)
async def hang(call: Call, body: Coat) -> Hung:
    """Hang a coat."""
    return Hung(price=body.price, where=call.festival)


@ROUTES.get("/api/v1/festivals/{festival}/coats", may=staff("tickets:read"))
async def list_coats(call: Call, query: PageQuery) -> Page[Hung]:
    """List coats."""
    return Page[Hung](items=[Hung(price=query.limit, where=call.festival)], next=query.after)


@ROUTES.get("/api/v1/coat", may=signed_in())
async def own_coat(_: Call) -> Hung:
    """Show one's own coat."""
    return Hung(price=1, where=2)


@ROUTES.put("/api/v1/coat", may=signed_in())
async def change_coat(call: Call, body: Coat) -> Nothing:
    """Change one's own coat."""
    check_match(call.request, Hung(price=body.price, where=2))
    return Nothing()


DONE: list[bytes] = []


@ROUTES.post(
    "/api/v1/festivals/{festival}/mends",
    may=organisers("orders:write"),
    status=201,
    idempotent=True,
)
async def mend(call: Call, body: Coat) -> Answer[Hung]:
    """Mend a coat."""

    def job(_: Office, deed: Deed) -> Hung | Problem:
        DONE.append(deed.operation)
        if body.price == 13:
            return Problem(409, "It cannot be mended.", "hopeless")
        return Hung(price=body.price, where=len(DONE))

    return await call.once(job)


@ROUTES.post(
    "/api/v1/festivals/{festival}/coats/{coat}/airings",
    may=organisers("orders:write"),
    idempotent=True,
)
async def air(call: Call) -> Answer[Hung]:
    """Air a coat."""

    def job(_: Office, deed: Deed) -> Hung | Problem:
        DONE.append(deed.operation)
        return Hung(price=0, where=len(DONE))

    return await call.once(job)


@ROUTES.post(
    "/api/v1/festivals/{festival}/coats/{coat}/dyes",
    may=organisers("orders:write"),
    idempotent=True,
)
async def dye(call: Call, body: Coat) -> Answer[Hung]:
    """Dye a coat."""

    def job(_: Office, deed: Deed) -> Hung | Problem:
        DONE.append(deed.operation)
        return Hung(price=body.price, where=len(DONE))

    return await call.once(job)


class Place(Taken):
    """A festival that is named in the body."""

    festival: U32


@ROUTES.post("/api/v1/cloakroom", may=signed_in())
async def enter(call: Call, body: Place) -> Hung:
    """Enter a festival's cloakroom."""
    desk = call.reach(body.festival, Scope.TICKETS_WRITE)
    return Hung(price=0, where=desk.festival)


@ROUTES.delete("/api/v1/coats", may=superadmins())
async def burn(_: Call) -> None:
    """Burn all coats."""


@ROUTES.get("/api/v1/weather", may=public())
async def break_down(_: Call) -> Hung:
    """Break down."""
    message = "secret 1234567"
    raise ZeroDivisionError(message)
