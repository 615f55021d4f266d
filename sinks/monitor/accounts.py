"""Accounts as the screens need them: a name, a zone, a currency."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from schemas.definitions import Definition
from schemas.definitions_topic import Definitions
from sinks.monitor.i18n import country_of

KIND = "account"


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account; `body` is the whole definition."""

    id: str
    name: str
    zone: ZoneInfo
    currency: str
    version: int
    body: dict[str, Any]

    @property
    def country(self) -> str:
        """ISO 3166 code: stated, else that of the time zone; "" where neither says."""
        return str(self.body.get("country") or country_of(self.zone.key))


def find_account(definitions: Definitions, account_id: str) -> AccountView | None:
    """The account in force, if there is one."""
    found = definitions.get(account_id, KIND, account_id)
    return _view(found) if found else None


def _view(definition: Definition) -> AccountView:
    body = dict(definition.body)
    return AccountView(
        id=definition.id,
        name=str(body.get("name") or definition.id),
        zone=ZoneInfo(str(body["time_zone"])),
        currency=str(body["currency"]),
        version=definition.version,
        body=body,
    )
