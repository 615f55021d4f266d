"""Where a contact stands on a day: scores, segment, and where silence leads."""

from typing import NamedTuple

from streams.rfm.contact import Contact
from streams.rfm.model import ScoringModel
from streams.rfm.segments import Segment


class Standing(NamedTuple):
    """Scores are 0 without purchases; `boundary_day` is when silence lowers the recency score."""

    r: int
    f: int
    m: int
    segment: Segment
    boundary_day: int | None
    next_segment: Segment | None
    next_segment_day: int | None


_NO_PURCHASES = Standing(0, 0, 0, Segment.NO_PURCHASES, None, None, None)


def stand(model: ScoringModel, contact: Contact, day: int) -> Standing:
    """Score a contact as of a day of its account's calendar; a purchase dated ahead has age 0."""
    orders = contact.orders
    if not orders:
        return _NO_PURCHASES
    last_day = contact.days[-1]
    r = model.recency_score(day - last_day if day > last_day else 0)
    f = model.frequency_score(orders, contact.interactions)
    m = model.value_score(contact.revenue_minor, orders)
    segment, decline, falls = model.outlook[(r * 6 + f) * 6 + m]
    boundary_day = None if falls is None else last_day + falls
    if decline is None:
        return Standing(r, f, m, segment, boundary_day, None, None)
    return Standing(r, f, m, segment, boundary_day, decline.segment, last_day + decline.days)
