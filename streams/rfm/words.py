"""A change's cause in words, in the languages of the monitor."""

from functools import lru_cache

from streams.rfm.calendar import to_date
from streams.rfm.changes import Origin
from streams.rfm.segments import Cause

Scores = tuple[int, int, int]

_AXES = {
    "es": ("Recencia", "Frecuencia", "Valor"),
    "pt": ("Recência", "Frequência", "Valor"),
    "en": ("Recency", "Frequency", "Value"),
}

_CAUSES: dict[str, dict[Cause, str]] = {
    "es": {
        Cause.ORDER: "por el pedido {order}",
        Cause.AMENDMENT: "porque cambió el pedido {order}",
        Cause.INTERACTION: "por una interacción",
        Cause.DECAY: "el {day}, tras {silence} días sin comprar",
        Cause.MERGE: "por la unión de dos contactos",
        Cause.RECALIBRATION: "porque cambió el modelo de puntuación",
        Cause.ERASURE: "porque se borraron datos",
    },
    "pt": {
        Cause.ORDER: "pelo pedido {order}",
        Cause.AMENDMENT: "porque o pedido {order} mudou",
        Cause.INTERACTION: "por uma interação",
        Cause.DECAY: "em {day}, após {silence} dias sem comprar",
        Cause.MERGE: "pela união de dois contatos",
        Cause.RECALIBRATION: "porque o modelo de pontuação mudou",
        Cause.ERASURE: "porque dados foram apagados",
    },
    "en": {
        Cause.ORDER: "because of order {order}",
        Cause.AMENDMENT: "because order {order} changed",
        Cause.INTERACTION: "because of an interaction",
        Cause.DECAY: "on {day}, after {silence} days without a purchase",
        Cause.MERGE: "because two contacts were merged",
        Cause.RECALIBRATION: "because the scoring model changed",
        Cause.ERASURE: "because data were erased",
    },
}


def explain(language: str, origin: Origin, before: Scores, after: Scores, last_order_day: int | None) -> str:
    """For example `Recencia 5→4 el 2026-11-22, tras 31 días sin comprar`. Score 0 is shown as a dash."""
    template = _CAUSES[language][origin.cause]
    if origin.cause is Cause.DECAY:
        silence = origin.effective_day - last_order_day if last_order_day is not None else 0
        cause = template.format(day=to_date(origin.effective_day), silence=silence)
    else:
        cause = template.replace("{order}", origin.order_id or "")
    moved = _moved(language, before, after)
    return f"{moved} {cause}" if moved else cause


@lru_cache(maxsize=20_000)
def _moved(language: str, before: Scores, after: Scores) -> str:
    return ", ".join(
        f"{axis} {b or '-'}→{a or '-'}"
        for axis, b, a in zip(_AXES[language], before, after, strict=True)
        if a != b
    )
