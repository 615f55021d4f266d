"""Interactions with a text, at their intended instants, in some spans of time and not in others.

`python -m deploy.local.bench.text_sender BOOTSTRAP RATE START SPAN...`: START is an instant (monotonic
seconds of this machine), a span is `first-last`, seconds after it. Nobody rated what is said, so all of it is
scored.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from deploy.local.bench.open_loop import LINGER_MS, send_on_time
from deploy.local.bench.workload import ACCOUNT, NOON_MS, producer
from schemas.codec import default_codec
from schemas.keys import contact_key
from schemas.records import Topic

CONTACTS = 20_000
TEXTS = (
    "Todo perfecto, llegó antes de lo que decían. Muchas gracias, volveré a comprar.",
    "Llevo dos semanas esperando el pedido y nadie me contesta los correos, pésima atención.",
    "¿Me pueden decir si queda stock de la talla mediana en la tienda del centro?",
    "O produto é bonito, mas a entrega atrasou e a caixa veio amassada.",
    "Amei! Qualidade excelente e o atendimento foi muito rápido.",
    "The parcel arrived yesterday, everything works as described and support was friendly.",
    "I asked for a refund three times and still have not received anything. Never again.",
    "ok",
)


def told(number: int) -> dict[str, Any]:
    """Record `number` of schema `interaction`: contact after contact, text after text."""
    return {
        "event_id": f"txt-{number:09d}",
        "account_id": ACCOUNT,
        "contact_id": f"flip-{number % CONTACTS:06d}",
        "interaction_id": f"txt-{number:09d}",
        "version": 1,
        "occurred_at": NOON_MS,
        "updated_at": NOON_MS,
        "channel": "chat",
        "kind": "message",
        "text": TEXTS[number % len(TEXTS)],
    }


def instants(rate: float, spans: Sequence[tuple[float, float]]) -> Iterator[float]:
    """Seconds after the start at which one is due."""
    for first, last in spans:
        yield from (first + number / rate for number in range(round((last - first) * rate)))


def main(bootstrap: str, rate: float, start: float, spans: Sequence[tuple[float, float]]) -> None:
    """Encode everything first, then send on time. RuntimeError if the broker does not take it all."""
    due, codec = list(instants(rate, spans)), default_codec()
    values = [codec.encode_one("interaction", told(number)) for number in range(len(due))]
    keys = [contact_key(ACCOUNT, told(number)["contact_id"]) for number in range(len(due))]
    out = producer(bootstrap, **{"linger.ms": LINGER_MS, "compression.type": "none"})

    def send(number: int) -> None:
        out.produce(Topic.INTERACTIONS, values[number], keys[number])

    send_on_time(start, due, send, lambda: out.poll(0))
    if out.flush(60):
        raise RuntimeError("the broker did not take everything in a minute")


if __name__ == "__main__":
    given = [span.partition("-") for span in sys.argv[4:]]
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), [(float(a), float(b)) for a, _, b in given])
