"""As whom somebody works: the role, the organiser and the festivals that a person has right now."""

from dataclasses import dataclass

from cloud.accounts.access import Kind, OrganiserId, Principal, Role, implied
from cloud.accounts.troubles import Trouble
from cloud.store.accounts import Books
from cloud.store.accounts_organisers import Festivals, Membership
from cloud.store.accounts_people import Person


@dataclass(frozen=True, slots=True)
class Seat:
    """A role for an organiser, or (None) for none; `festivals` None for all of the organiser's."""

    role: Role
    organiser: OrganiserId | None
    festivals: Festivals = None

    def principal(self, person: Person, session: str) -> Principal:
        """Return who asks when this person does, from this seat."""
        return Principal(
            kind=Kind.PERSON,
            id=person.user,
            role=self.role,
            organiser=self.organiser,
            festivals=self.festivals,
            scopes=implied(self.role),
            session=session,
        )


def choose_seat(books: Books, person: Person, wanted: str | None) -> Seat | Trouble:
    """Return as whom a person signs in: for the organiser that is wanted, or where it fits best.

    Without a wish a superadmin rules the house, others work for whom they have worked the longest,
    and who works for nobody is a guest.
    """
    if wanted is not None:
        return seat_of(books, person, wanted)
    if person.is_superadmin:
        return Seat(Role.SUPERADMIN, None)
    members = books.members.of_user(person.user)
    seats = [_seat(books, member) for member in members]
    if not seats:
        return Seat(Role.GUEST, None)
    return next((seat for seat in seats if isinstance(seat, Seat)), seats[0])


def seat_of(books: Books, person: Person, organiser: str) -> Seat | Trouble:
    """Return the seat that a person has now for an organiser; for none if the text is empty."""
    if not organiser:
        return Seat(Role.SUPERADMIN if person.is_superadmin else Role.GUEST, None)
    member = books.members.find(OrganiserId(organiser), person.user)
    return Trouble.NOT_A_MEMBER if member is None else _seat(books, member)


def _seat(books: Books, member: Membership) -> Seat | Trouble:
    organiser = books.organisers.find(member.organiser)
    if organiser is None or organiser.suspended_ms:
        return Trouble.ORGANISER_SUSPENDED
    return Seat(member.role, member.organiser, member.festivals)
