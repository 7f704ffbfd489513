"""Who may do what: the one function that lets in or refuses, held to its laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.accounts.access import (
    HOUSE_WIDE,
    SCOPES_OF,
    Access,
    Allowed,
    Door,
    Kind,
    OrganiserId,
    Principal,
    Refusal,
    Role,
    Scope,
    decide,
    implied,
    may,
    organisers,
    public,
    signed_in,
    staff,
    superadmins,
)

pytestmark = pytest.mark.one_engine  # nothing is kept
OURS = OrganiserId("a" * 32)
THEIRS = OrganiserId("b" * 32)

organiser_ids = st.sampled_from([OURS, THEIRS])
numbers = st.integers(0, 5)
festival_sets = st.none() | st.frozensets(numbers, max_size=4)
scope_sets = st.frozensets(st.sampled_from(Scope))
accesses = st.one_of(
    st.sampled_from([public(), signed_in(), superadmins()]),
    st.sampled_from(Scope).map(staff),
    st.sampled_from(Scope).map(organisers),
)


@st.composite
def people(draw: st.DrawFn) -> Principal:
    """A person as the credentials make them: scopes are those of the role."""
    role = draw(st.sampled_from(Role))
    has_organiser = role not in {Role.SUPERADMIN, Role.GUEST}
    organiser = draw(organiser_ids) if has_organiser else None
    festivals = draw(festival_sets) if has_organiser else None
    return Principal(Kind.PERSON, "1" * 32, role, organiser, festivals, implied(role), "s")


@st.composite
def machines(draw: st.DrawFn) -> Principal:
    """A key or a client: scopes of its own, and no role."""
    kind = draw(st.sampled_from([Kind.KEY, Kind.CLIENT]))
    organiser = draw(organiser_ids)
    return Principal(kind, "2" * 32, None, organiser, draw(festival_sets), draw(scope_sets))


principals = people() | machines()
MACHINE = Principal(Kind.KEY, "2" * 32, None, OURS, None, frozenset(Scope))


def person(role: Role, organiser: OrganiserId | None = OURS) -> Principal:
    return Principal(Kind.PERSON, "1" * 32, role, organiser, None, implied(role), "s")


@given(principals, accesses, organiser_ids | st.none(), numbers)
def test_whoever_belongs_to_an_organiser_is_never_let_into_anothers_festival(
    who: Principal, access: Access, organiser: OrganiserId | None, festival: int
) -> None:
    answer = decide(who, access, organiser, festival)
    is_strange = organiser is None or (who.organiser is not None and organiser != who.organiser)
    if is_strange and access.door is not Door.PUBLIC:
        assert isinstance(answer, Refusal)


@given(principals, accesses, numbers, organiser_ids)
def test_anothers_festival_is_answered_exactly_like_one_that_does_not_exist(
    who: Principal, access: Access, festival: int, organiser: OrganiserId
) -> None:
    if access.door is Door.PUBLIC or who.organiser in {None, organiser}:
        return
    assert decide(who, access, organiser, festival) == decide(who, access, None, festival)


@given(accesses, st.none() | organiser_ids, st.none() | numbers)
def test_nobody_passes_only_public_doors(
    access: Access, organiser: OrganiserId | None, festival: int | None
) -> None:
    answer = decide(None, access, organiser, festival)
    if access.door is Door.PUBLIC:
        assert answer in {Allowed(None), Refusal.NOT_FOUND}
    else:
        assert answer is Refusal.NOT_SIGNED_IN


@given(principals, st.sampled_from(Scope), st.none() | organiser_ids, st.none() | numbers)
def test_nobody_passes_a_scoped_door_without_the_scope(
    who: Principal, scope: Scope, organiser: OrganiserId | None, festival: int | None
) -> None:
    if scope not in who.scopes:
        assert isinstance(decide(who, staff(scope), organiser, festival), Refusal)
        assert not may(who, scope, organiser, festival)


@given(principals, accesses, st.none() | organiser_ids, st.none() | numbers)
def test_only_the_superadmin_passes_the_superadmins_door(
    who: Principal, access: Access, organiser: OrganiserId | None, festival: int | None
) -> None:
    if isinstance(decide(who, superadmins(), organiser, festival), Allowed):
        assert who.role is Role.SUPERADMIN
        assert who.kind is Kind.PERSON


@given(principals, st.sampled_from(Scope), st.none() | organiser_ids, st.none() | numbers)
def test_an_organisers_door_is_never_wider_than_the_staffs(
    who: Principal, scope: Scope, organiser: OrganiserId | None, festival: int | None
) -> None:
    if isinstance(decide(who, organisers(scope), organiser, festival), Allowed):
        assert isinstance(decide(who, staff(scope), organiser, festival), Allowed)


@given(principals, accesses, organiser_ids, numbers)
def test_whoever_is_limited_to_some_festivals_reaches_no_other(
    who: Principal, access: Access, organiser: OrganiserId, festival: int
) -> None:
    is_outside = who.festivals is not None and festival not in who.festivals
    if is_outside and access.door is not Door.PUBLIC:
        assert isinstance(decide(who, access, organiser, festival), Refusal)


@given(principals, st.sampled_from(sorted(HOUSE_WIDE)))
def test_whoever_is_limited_to_some_festivals_rules_nothing_of_the_whole_house(
    who: Principal, scope: Scope
) -> None:
    if who.festivals is not None:
        assert not may(who, scope)


@given(principals, accesses, organiser_ids | st.none(), st.none() | numbers)
def test_who_is_let_in_is_who_asked(
    who: Principal, access: Access, organiser: OrganiserId | None, festival: int | None
) -> None:
    answer = decide(who, access, organiser, festival)
    assert not isinstance(answer, Allowed) or answer.principal == who


def test_a_lower_role_is_forbidden_what_an_organiser_may() -> None:
    for role in (Role.CASHIER, Role.AGENT, Role.TECHNICIAN):
        assert decide(person(role), organisers("tickets:write"), OURS, 1) is Refusal.FORBIDDEN
    assert decide(person(Role.ORGANISER), organisers("tickets:write"), OURS, 1) == Allowed(
        person(Role.ORGANISER)
    )


def test_a_lower_role_is_told_that_anothers_festival_does_not_exist() -> None:
    assert decide(person(Role.AGENT), organisers("tickets:write"), THEIRS, 1) is Refusal.NOT_FOUND


def test_a_cashier_sells_but_sees_no_figures() -> None:
    assert may(person(Role.CASHIER), Scope.ORDERS_WRITE, OURS, 1)
    assert not may(person(Role.CASHIER), Scope.FIGURES_READ, OURS, 1)


def test_a_cashier_does_not_pass_a_door_for_organisers_though_the_scope_is_theirs() -> None:
    access = organisers("orders:write")
    assert decide(person(Role.CASHIER), access, OURS, 1) is Refusal.FORBIDDEN
    assert decide(person(Role.CASHIER), staff("orders:write"), OURS, 1) != Refusal.FORBIDDEN


def test_a_guest_passes_doors_for_all_who_are_signed_in_and_no_other() -> None:
    guest = person(Role.GUEST, None)
    assert decide(guest, signed_in(), THEIRS, 1) == Allowed(guest)
    for scope in Scope:
        assert not may(guest, scope, OURS, 1)
        assert not may(guest, scope)


def test_a_key_does_what_its_scopes_say_and_nothing_else() -> None:
    key = Principal(
        Kind.KEY, "2" * 32, None, OURS, frozenset({7}), frozenset({Scope.TICKETS_WRITE})
    )
    assert may(key, Scope.TICKETS_WRITE, OURS, 7)
    assert not may(key, Scope.TICKETS_READ, OURS, 7)
    assert decide(key, staff("tickets:write"), OURS, 8) is Refusal.NOT_FOUND


def test_a_key_with_every_scope_is_still_no_superadmin() -> None:
    assert decide(MACHINE, superadmins()) is Refusal.FORBIDDEN


def test_a_public_route_of_a_festival_that_does_not_exist_is_not_found() -> None:
    assert decide(None, public(), None, 9) is Refusal.NOT_FOUND


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_has_a_status_and_a_sentence(refusal: Refusal) -> None:
    assert refusal.status in {401, 403, 404}
    assert refusal.sentence.endswith(".")


def test_every_role_has_its_line_in_the_table() -> None:
    assert set(SCOPES_OF) == set(Role)


def test_a_declaration_that_nobody_could_pass_is_refused() -> None:
    with pytest.raises(ValueError, match="never has the scope"):
        staff("figures:read", Role.GUEST)
    with pytest.raises(ValueError, match="names a scope"):
        Access(Door.SCOPED)
    with pytest.raises(ValueError, match="names a scope"):
        Access(Door.PUBLIC, Scope.TICKETS_READ)
    with pytest.raises(ValueError, match="not a valid"):
        organisers("tickets:wish")
