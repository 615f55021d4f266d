"""Where everybody arrives."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from sinks.monitor.rendering import link
from sinks.monitor.scope import Reading

router = APIRouter(include_in_schema=False)
START = "/monitor"


@router.get("/")
def start(request: Request, scope: Reading) -> Response:  # noqa: ARG001 - the scope decides whether one gets in
    """On to the monitor, under an address that names the account."""
    return RedirectResponse(link(scope, START), 303)
