"""An account: whose contacts these are, in which zone and currency, under which model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streams.rfm.calendar import Calendar
from streams.rfm.model import FREQUENCY_CUTS, RECENCY_CUTS, Cuts, ScoringModel, ValueOf, default_value_cuts

HOUR_MS = 3_600_000
ACCOUNT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
CURRENCY = re.compile(r"[A-Z]{3}")
LANGUAGES = ("es", "pt", "en")


@dataclass(frozen=True)
class Account:
    """What the fold needs to know of an account. `horizon_ms`: older news is historical (REQUIREMENTS C3)."""

    id: str
    calendar: Calendar
    currency: str
    model: ScoringModel
    language: str = "es"
    horizon_ms: int = 48 * HOUR_MS

    @staticmethod
    def from_body(account_id: str, body: Mapping[str, Any]) -> "Account":
        """Build from a definition's body; ValueError says which field is wrong and what it may be."""
        if not ACCOUNT_ID.fullmatch(account_id):
            raise ValueError(
                f"account id {account_id!r}: 1 to 64 of a-z, 0-9, - and _, not starting with - or _"
            )
        currency = str(body.get("currency", ""))
        if not CURRENCY.fullmatch(currency):
            raise ValueError(f"currency {currency!r}: an ISO 4217 code such as BRL")
        language = str(body.get("language") or "es")
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}: one of {', '.join(LANGUAGES)}")
        hours = int(body.get("horizon_hours") or 48)
        if not 1 <= hours <= 720:
            raise ValueError(f"horizon_hours {hours}: 1 to 720 (30 days)")
        return Account(
            id=account_id,
            calendar=_calendar(body.get("time_zone")),
            currency=currency,
            model=model_from_body(currency, body.get("cuts") or {}),
            language=language,
            horizon_ms=hours * HOUR_MS,
        )


def model_from_body(currency: str, cuts: Mapping[str, Any], version: int = 1) -> ScoringModel:
    """The model of stated cuts {r, f, m} (m in minor units); defaults where one is absent."""
    return ScoringModel(
        value_cuts=_cuts("m", cuts["m"]) if cuts.get("m") else default_value_cuts(currency),
        recency_cuts=_cuts("r", cuts["r"]) if cuts.get("r") else RECENCY_CUTS,
        frequency_cuts=_cuts("f", cuts["f"]) if cuts.get("f") else FREQUENCY_CUTS,
        value_of=ValueOf(cuts.get("value_of") or ValueOf.AVERAGE),
        interaction_weight=round(100 * float(cuts.get("interaction_weight") or 0)),
        version=version,
    )


def _cuts(name: str, values: Any) -> Cuts:
    if not isinstance(values, list | tuple) or len(values) != 4 or not all(type(v) is int for v in values):
        raise ValueError(f"cuts of {name}: four whole numbers that grow, not {values!r}")
    a, b, c, d = values
    return a, b, c, d


def _calendar(zone: Any) -> Calendar:
    try:
        return Calendar(str(zone))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"time zone {zone!r}: an IANA name such as America/Sao_Paulo") from error
