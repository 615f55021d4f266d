"""What a rehearsal says would have happened is what happens to an account that lives through it."""

from datetime import date
from typing import Any

import pytest

from schemas.rehearsal import Setting
from streams.rehearsal.living import Rehearsal
from streams.rfm.calendar import Calendar, to_day
from tests.unit.rehearsal.copy import AUTOMATIONS, CUTS, OTHER_CUTS, Copy, Story, counted, draw

QUIET = {"quiet_from": 21, "quiet_to": 9, "contact_cap": 2}
ZONES = ("UTC", "America/Sao_Paulo", "America/Santiago")


def _setting(story: Story, cuts: Any, **more: Any) -> Setting:
    account = {"time_zone": story.zone, "currency": "USD", "cuts": CUTS}
    named = {id_: {"name": id_, **body} for id_, body in AUTOMATIONS.items()}
    return Setting("acme", account, {"cuts": cuts}, named, messaging=QUIET, **more)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cuts", [CUTS, OTHER_CUTS], ids=["in force", "candidate"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_copy_decides_what_the_rehearsal_said(zone: str, cuts: Any, seed: int) -> None:
    """Every decision: who, when, what, and the reason not to."""
    story = draw(seed, zone, Calendar(zone).start_of(to_day(date(2026, 8, 20))))
    expected = Copy(story, cuts, QUIET).live(AUTOMATIONS)
    told = counted(Rehearsal().outcomes(_setting(story, cuts), story.past()))
    assert told == expected
    assert {kind for _, _, kind, _, _ in expected} >= {
        "entered",
        "webhook",
        "deferred",
        "suppressed",
        "nothing",
        "tag",
    }
    assert {id_ for id_, *_ in expected} == set(AUTOMATIONS)
