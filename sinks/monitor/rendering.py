"""Pages: templates with the person's language, the account's formats, and links that carry the account.

Templates know: `_`/`ngettext`, `fmt` (`Formats`), `scope` (None before sign-in), `link(path, **state)`,
`asset(name)`, `csrf`, `theme`, `language`, `languages`, and what the route adds.
"""

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sinks.monitor import words
from sinks.monitor.cookies import Cookie, Cookies, Theme, csrf_token, new_visitor
from sinks.monitor.formats import Formats
from sinks.monitor.i18n import LOCALES, NAMES, TAGS, choose, locale_of, translations
from sinks.monitor.parts import parts_of
from sinks.monitor.people import Language
from sinks.monitor.problems import Problem
from sinks.monitor.rights import Right
from sinks.monitor.scope import Scope, SignedIn

TEMPLATES = Path(__file__).resolve().parent / "templates"


def render(
    request: Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> Response:
    """A page (or a fragment) for whoever asks. The scope is the one that the route's dependency found."""
    parts, cookies = parts_of(request), Cookies(parts_of(request).settings)
    who: SignedIn | None = getattr(request.state, "signed_in", None)
    scope: Scope | None = getattr(request.state, "scope", None)
    language = language_of(request)
    visitor = cookies.read(request, Cookie.VISITOR) or new_visitor()
    known = {
        "request": request,
        "scope": scope,
        "person": who.person if who else None,
        "csrf": who.token if who else csrf_token(visitor),
        "fmt": formats(language, scope),
        "link": partial(link, scope),
        "asset": parts.assets.url,
        "theme": cookies.theme(request),
        "language": language,
    }
    text = environment(language).get_template(template).render({**known, **(context or {})})
    response = HTMLResponse(text, status, {"Content-Language": TAGS[language]})
    if who is None and not cookies.read(request, Cookie.VISITOR):
        cookies.set(response, Cookie.VISITOR, visitor)
    return response


def render_error(request: Request, problem: Problem) -> Response:
    """An error as a page, or as a fragment where htmx asked for one."""
    template = "error_fragment.html" if request.headers.get("hx-request") else "error.html"
    return render(request, template, {"problem": problem}, problem.status)


def language_of(request: Request) -> Language:
    """The signed-in person's, else the cookie's, else the browser's, else Spanish."""
    who: SignedIn | None = getattr(request.state, "signed_in", None)
    cookie = Cookies(parts_of(request).settings).read(request, Cookie.LANGUAGE)
    accept = request.headers.get("accept-language", "")
    return choose(who.person.language if who else None, cookie, accept=accept)


def formats(language: Language, scope: Scope | None) -> Formats:
    """How figures are written there; UTC and no currency (ISO 4217: XXX) before an account is chosen."""
    if scope is None:
        return Formats(LOCALES[language], ZoneInfo("UTC"), "XXX")
    account = scope.account
    return Formats(locale_of(language, account.country), account.zone, account.currency, LOCALES[language])


def link(scope: Scope | None, path: str, **state: Any) -> str:
    """A permalink: the path with the account and whatever is not None of the page's state."""
    account = {"account": scope.account_id} if scope else {}
    query = urlencode({name: value for name, value in (account | state).items() if value is not None})
    return f"{path}?{query}" if query else path


@cache
def environment(language: Language) -> Environment:
    """Templates in a language: everything escaped, nothing undefined."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    texts = translations(language)
    made.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "Right": Right,
        "Theme": Theme,
        "TAGS": TAGS,
        "NAMES": NAMES,
        "LANGUAGES": list(Language),
        "SEGMENTS": words.SEGMENTS,
        "GROUPS": words.GROUPS,
        "PROFILES": words.PROFILES,
        "PERIODS": words.PERIODS,
    }
    return made
