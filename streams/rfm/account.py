"""An account: whose contacts these are, in which zone and currency, under which model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streams.rfm.calendar import HOUR_MS, Calendar
from streams.rfm.model import (
    FREQUENCY_CUTS,
    RECENCY_CUTS,
    WEIGHT_SCALE,
    Cuts,
    ScoringModel,
    ValueOf,
    default_value_cuts,
)
from streams.rfm.segment_map import PRESETS, STANDARD, Scores, read_map
from streams.rfm.segments import Segment

ACCOUNT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
CURRENCY = re.compile(r"[A-Z]{3}")
LANGUAGES = ("es", "pt", "en")


@dataclass(frozen=True)
class Account:
    """What the fold needs to know of an account.

    `horizon_ms`: older news is historical (REQUIREMENTS C3). `hour`: when milestones are due, local (B6).
    """

    id: str
    calendar: Calendar
    currency: str
    model: ScoringModel
    language: str = "es"
    horizon_ms: int = 48 * HOUR_MS
    hour: int = 10

    @staticmethod
    def from_body(account_id: str, body: Mapping[str, Any], model: ScoringModel | None = None) -> "Account":
        """Build from a definition's body; ValueError says which field is wrong and what it may be.

        Without a published `model` the account has the first one, of the cuts it was created with.
        """
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
            model=model or model_from_body(currency, {"cuts": body.get("cuts")}),
            language=language,
            horizon_ms=hours * HOUR_MS,
            hour=_hour(body.get("hour")),
        )


def model_from_body(currency: str, body: Mapping[str, Any], version: int = 1) -> ScoringModel:
    """The model of a definition's body; ValueError says what is wrong.

    `cuts` {r, f, m} (m in minor units), `preset` or `cells` {"r,f,m": segment}, `value_of`,
    `interaction_weight`: defaults where one is absent.
    """
    cuts = body.get("cuts") or {}
    return ScoringModel(
        value_cuts=_cuts("m", cuts["m"]) if cuts.get("m") else default_value_cuts(currency),
        recency_cuts=_cuts("r", cuts["r"]) if cuts.get("r") else RECENCY_CUTS,
        frequency_cuts=_cuts("f", cuts["f"]) if cuts.get("f") else FREQUENCY_CUTS,
        cells=_cells(body),
        value_of=ValueOf(body.get("value_of") or ValueOf.AVERAGE),
        interaction_weight=round(WEIGHT_SCALE * float(body.get("interaction_weight") or 0)),
        version=version,
    )


def _cells(body: Mapping[str, Any]) -> Mapping[Scores, Segment]:
    if stated := body.get("cells"):
        rows = [f"{scores},{segment}" for scores, segment in stated.items()]
        return read_map(["r,f,m,segment", *rows])
    name = body.get("preset") or STANDARD
    if name not in PRESETS:
        raise ValueError(f"preset {name!r}: one of {', '.join(PRESETS)}")
    return PRESETS[name]()


def _cuts(name: str, values: Any) -> Cuts:
    if not isinstance(values, list | tuple) or len(values) != 4 or not all(type(v) is int for v in values):
        raise ValueError(f"cuts of {name}: four whole numbers that grow, not {values!r}")
    a, b, c, d = values
    return a, b, c, d


def _hour(value: Any) -> int:
    hour = 10 if value is None else value
    if type(hour) is not int or not 0 <= hour <= 23:
        raise ValueError(f"hour {value!r}: a full hour, 0 to 23")
    return hour


def _calendar(zone: Any) -> Calendar:
    try:
        return Calendar(str(zone))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"time zone {zone!r}: an IANA name such as America/Sao_Paulo") from error
