"""The filter by origin and sentiment over HTTP: what stands in the URL, what is refused, what it leads to."""

from pathlib import Path
from typing import Any

import pytest

from schemas.definitions_topic import Definitions
from sinks.clickhouse.database import Database
from tests.fixtures.clickhouse import emptied
from tests.fixtures.monitor import Browser, Monitor, build
from tests.unit.monitor_api.shop import store_profiles

ACCOUNT = "many-origins"


@pytest.fixture(scope="module")
def stocked(
    definitions: Definitions, opened: Database, built_assets: Path, tmp_path_factory: pytest.TempPathFactory
) -> Monitor:
    """Sixty origins, of which one is called like a reserved word; every third contact is content."""
    rows = [
        {
            "account_id": ACCOUNT,
            "contact_id": f"f{n}",
            "segment": "loyal",
            "orders": 1,
            "revenue_minor": 100,
            "currency": "USD",
            "origin": ["*others", f"small-{n % 59}"][n % 2],
            "sentiment": ["positive", None, None][n % 3],
        }
        for n in range(240)
    ]
    store_profiles(emptied(opened), rows)
    return build(definitions, opened, built_assets, tmp_path_factory.mktemp("filters"))


@pytest.fixture
def operator(stocked: Monitor) -> Browser:
    """Somebody who may read and draft."""
    return stocked.signed_in(stocked.person("Olga", **{ACCOUNT: "operator"}))


def _ask(browser: Browser, path: str, **state: str) -> Any:
    answer = browser.get(path, params={"account": ACCOUNT, **state})
    assert answer.status_code == 200, answer.text
    return answer


def test_a_reserved_word_and_an_origin_of_its_name_are_two(operator: Browser) -> None:
    named = _ask(operator, "/api/v1/monitor", origin="**others").json()
    others = _ask(operator, "/api/v1/monitor", origin="*others").json()
    assert named["contacts"] == 120
    assert 0 < others["contacts"] == others["other_origins_contacts"] < 60
    assert _ask(operator, "/api/v1/monitor", origin="*all").json()["origin"] is None
    (listed,) = [one for one in named["origins"] if one["origin"] == "*others"]
    assert listed["written"] == named["origin"] == "**others"
    assert operator.get("/api/v1/monitor", params={"account": ACCOUNT, "origin": "*web"}).status_code == 422


@pytest.mark.parametrize(
    "path", ["monitor", "sales", "trend", "forecast", "as-of?day=2026-11-01", "transitions"]
)
def test_every_answer_says_which_filter_it_followed(operator: Browser, path: str) -> None:
    days = {"from": "2026-10-01", "to": "2026-11-01"} if path == "transitions" else {}
    name, _, rest = path.partition("?")
    more = dict([rest.split("=")]) if rest else {}
    told = _ask(operator, f"/api/v1/{name}", origin="*others", sentiment="no_data", **days, **more).json()
    assert (told["origin"], told["sentiment"]) == ("*others", "no_data")


def test_lists_and_files_follow_the_filter_of_the_cards(operator: Browser) -> None:
    state = {"origin": "**others", "sentiment": "positive"}
    cards = _ask(operator, "/api/v1/monitor", **state).json()
    page = _ask(operator, "/api/v1/groups/all/contacts", **state).json()
    file = _ask(operator, "/api/v1/reports/all.csv", **state)
    assert cards["contacts"] == page["total"] == int(file.headers["X-Latido-Contacts"]) == 40
    assert operator.get("/api/v1/groups/all/contacts", params={"sentiment": "glad"}).status_code == 422


def test_a_filter_can_be_taken_away_and_goes_along_with_every_link(operator: Browser) -> None:
    page = _ask(operator, "/monitor", origin="*others", sentiment="positive", period="last_7_days").text
    assert f"/monitor?account={ACCOUNT}&amp;sentiment=positive&amp;period=last_7_days" in page
    assert f"/monitor?account={ACCOUNT}&amp;origin=%2Aothers&amp;period=last_7_days" in page
    assert f"/contacts?account={ACCOUNT}&amp;origin=%2Aothers&amp;sentiment=positive&amp;of=loyal" in page
    assert "reports/loyal.csv?" in page
    assert page.count("origin=%2Aothers") > 30


def test_a_draft_from_a_filtered_group_is_about_these_contacts(operator: Browser) -> None:
    page = _ask(operator, "/automations/new", of="loyal", origin="*others", sentiment="positive").text
    assert "small-1" in page
    assert "positiv" in page
