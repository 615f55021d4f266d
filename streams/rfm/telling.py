"""What the fold tells: why a contact moved, that it moved, what time did to an account."""

from streams.rfm.account import Account
from streams.rfm.changes import Change, Milestone, Origin, Step, StepKind
from streams.rfm.contact import Contact
from streams.rfm.interactions import Interaction
from streams.rfm.model import average_minor
from streams.rfm.orders import Entry, Order
from streams.rfm.segments import Cause
from streams.rfm.standing import Standing
from streams.rfm.state import AccountState
from streams.rfm.words import explain


def is_old(state: AccountState, event: Order | Interaction) -> bool:
    """Whether an event is history that is being loaded, or older than the account's horizon."""
    return event.backfill or event.arrived_at_ms - event.updated_at_ms > state.account.horizon_ms


def is_late(state: AccountState, due_ms: int) -> bool:
    """Whether a day was due longer ago than the account's horizon."""
    return state.account.calendar.start_of(state.day) - due_ms > state.account.horizon_ms


def by_order(state: AccountState, prior: Entry | None, order: Order) -> Origin:
    """An order came, or a new version of one."""
    historical = is_old(state, order)
    cause = Cause.ORDER if prior is None else Cause.AMENDMENT
    return Origin(cause, order.arrived_at_ms, state.day, historical, order.event_id, order.order_id)


def by_interaction(state: AccountState, interaction: Interaction) -> Origin:
    """An interaction came, or a new version of one."""
    historical = is_old(state, interaction)
    arrived = interaction.arrived_at_ms
    return Origin(Cause.INTERACTION, arrived, state.day, historical, interaction.event_id)


def by_decay(state: AccountState, due_ms: int, day: int) -> Origin:
    """A day came on which silence counts."""
    return Origin(Cause.DECAY, due_ms, day, is_late(state, due_ms))


def step_of(kind: StepKind, state: AccountState, contact_id: str | None = None) -> Step:
    """What happened to an account, as it stands now."""
    account = state.account
    return Step(account.id, kind, account.calendar.zone, state.day, account.model.version, contact_id)


def milestone_of(
    state: AccountState, contact: Contact, days: int, day: int, due_ms: int, missed: bool
) -> Milestone:
    """A contact has bought nothing for `days` days; told on `day`."""
    account, last_day = state.account, day - days
    return Milestone(
        f"{account.id}|{contact.id}|{last_day}|{days}",
        account.id,
        contact.id,
        days,
        last_day,
        day,
        due_ms,
        missed,
        contact.segment,
        contact.r,
        contact.f,
        contact.m,
        contact.orders,
        contact.revenue_minor,
        account.currency,
    )


def change_of(account: Account, contact: Contact, standing: Standing, origin: Origin) -> Change:
    """The move of a contact to where it stands now; the contact itself is still as before."""
    seq = contact.changes + 1
    last_day = contact.days[-1] if contact.days else None
    before = (contact.r, contact.f, contact.m)
    after = standing[:3]
    return Change._make(
        (
            f"{account.id}|{contact.id}|{seq}",
            account.id,
            contact.id,
            seq,
            contact.segment,
            standing.segment,
            origin.cause,
            explain(account.language, origin, before, after, last_day),
            origin.event_id,
            origin.order_id,
            origin.effective_day,
            origin.at_ms,
            origin.historical,
            *before,
            *after,
            account.model.version,
            contact.orders,
            contact.revenue_minor,
            average_minor(contact.revenue_minor, contact.orders),
            account.currency,
            contact.days[0] if contact.days else None,
            last_day,
            contact.interactions,
            contact.origin,
            standing.next_segment,
            standing.next_segment_day,
        )
    )
