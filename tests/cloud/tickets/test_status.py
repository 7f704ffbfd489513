"""The one word for a ticket's state, held against the sentences that define it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.store.tickets import SaleState
from cloud.tickets.status import NEVER_SEEN, Presence, Shown, shown_as
from sync.facts import TicketStatus

pytestmark = pytest.mark.one_engine  # nothing here asks a database

states = st.sampled_from(SaleState)
words = st.none() | st.sampled_from(TicketStatus)
presences = st.builds(Presence, st.integers(0, 5), st.integers(0, 5))
WITHDRAWN = {
    TicketStatus.BLOCKED: Shown.INVALID,
    TicketStatus.CANCELLED: Shown.INVALID,
    TicketStatus.REPLACED: Shown.INVALID,
    TicketStatus.REFUNDED: Shown.REFUNDED,
}


@given(states, st.sampled_from(sorted(WITHDRAWN)), presences)
def test_what_was_withdrawn_is_shown_so_wherever_its_guest_is(
    state: SaleState, stated: TicketStatus, presence: Presence
) -> None:
    assert shown_as(state, stated, presence) is WITHDRAWN[stated]


@given(states, words, presences)
def test_every_ticket_has_one_word_and_inside_means_that_somebody_is(
    state: SaleState, stated: TicketStatus | None, presence: Presence
) -> None:
    shown = shown_as(state, stated, presence)
    assert shown in set(Shown)
    assert shown is not Shown.INSIDE or presence.guests_inside > 0
    assert shown is not Shown.OUTSIDE or (presence.admissions and not presence.guests_inside)
    if stated not in WITHDRAWN and presence.guests_inside:
        assert shown is Shown.INSIDE


@given(states, words)
def test_what_no_gate_has_seen_is_called_by_its_sale(
    state: SaleState, stated: TicketStatus | None
) -> None:
    shown = shown_as(state, stated, NEVER_SEEN)
    if stated is TicketStatus.UNPAID:
        assert shown is Shown.RESERVED
    elif stated is None:
        assert shown.value == state.name.lower()
    elif stated is TicketStatus.VALID:
        assert shown is (Shown.PAID if state is SaleState.PAID else Shown.ISSUED)
