"""Whatever the OpenAPI document allows, and much that it does not: no answer is an error of ours."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema

from tests.fixtures.chromium import serve
from tests.fixtures.shops import LIVELY, Lively
from tests.integration.monitor.access_table import TABLE

OPERATIONS = [(method, path) for method, path in TABLE if path.startswith("/api/") and "openapi" not in path]
_EXAMPLES = 12
"""For each operation, as often against its schema: less than a minute in all."""


@pytest.fixture(scope="module")
def session(lively: Lively) -> Iterator[dict[str, str]]:
    """Address, cookie and token of an Administrator, over a real server; streams end at once."""
    browser = lively.monitor.signed_in(lively.monitor.person(**{LIVELY: "administrator"}))
    lively.monitor.app.state.stopping.set()
    with serve(lively.monitor.app) as address:
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        yield {"address": address.url, "cookie": cookie, "token": browser.token}
    lively.monitor.app.state.stopping.clear()


@pytest.fixture(scope="module")
def document(session: dict[str, str]) -> BaseSchema:
    """The OpenAPI document, as it is published."""
    schema: BaseSchema = schemathesis.openapi.from_url(f"{session['address']}/api/v1/openapi.json")
    return schema


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
def test_no_operation_fails_whatever_it_is_asked(
    document: BaseSchema, session: dict[str, str], method: str, path: str, mode: GenerationMode
) -> None:
    headers = {"Cookie": session["cookie"], "X-CSRF-Token": session["token"], "Origin": session["address"]}

    @given(case=document[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=_EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    def ask(case: Case[Any]) -> None:
        case.query = {**case.query, "account": LIVELY}
        answer = case.call(headers=headers, timeout=60)
        assert answer.status_code < 500, answer.text[:500]
        assert answer.status_code != 401
        kind = answer.headers["content-type"][0]
        assert answer.status_code < 400 or kind == "application/problem+json", (answer.status_code, kind)

    ask()
