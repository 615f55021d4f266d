"""A shop that never was: eighteen months of history, then purchases, amendments and talk as they happen.

Seeded: the same seed and the same day give the same shop. Used by the demo and by tests of the pages.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.records import OrderStatus, Topic

HISTORY_DAYS = 548
_DAY = timedelta(days=1)
_FIRST = (
    "Camila", "Matías", "Valentina", "Benjamín", "Antonia", "Joaquín", "Isidora", "Vicente", "Florencia",
    "Tomás", "Catalina", "Diego", "Javiera", "Nicolás", "Fernanda", "Ignacio", "Constanza", "Sebastián",
    "Daniela", "Felipe", "Paula", "Rodrigo", "Carolina", "Andrés", "Lorena", "Cristóbal", "Macarena", "Iván",
)  # fmt: skip
_LAST = (
    "González", "Muñoz", "Rojas", "Díaz", "Pérez", "Soto", "Contreras", "Silva", "Martínez", "Sepúlveda",
    "Morales", "Rodríguez", "López", "Fuentes", "Hernández", "Torres", "Araya", "Flores", "Espinoza",
    "Valenzuela", "Castillo", "Tapia", "Reyes", "Gutiérrez", "Castro", "Pizarro", "Álvarez", "Núñez",
)  # fmt: skip
_GOODS = (
    ("CAR-2P", "Carpa para dos", "Campamento", 89_990),
    ("SAC-0", "Saco de dormir 0 °C", "Campamento", 54_990),
    ("COL-INF", "Colchoneta inflable", "Campamento", 32_990),
    ("COC-GAS", "Cocinilla a gas", "Cocina", 27_990),
    ("OLL-3", "Juego de ollas", "Cocina", 24_990), ("TER-1L", "Termo de un litro", "Cocina", 19_990),
    ("ZAP-TRK", "Zapatos de trekking", "Calzado", 79_990), ("SAN-RIO", "Sandalias de río", "Calzado", 34_990),
    ("CAL-MER", "Calcetines de merino", "Ropa", 12_990), ("CAM-UV", "Camisa con filtro UV", "Ropa", 29_990),
    ("PAR-IMP", "Parka impermeable", "Ropa", 119_990), ("POL-200", "Polar 200", "Ropa", 39_990),
    ("GOR-SOL", "Gorro de sol", "Ropa", 14_990), ("MOC-28", "Mochila de 28 litros", "Mochilas", 49_990),
    ("MOC-65", "Mochila de 65 litros", "Mochilas", 109_990), ("BOL-SEC", "Bolsa seca", "Mochilas", 9_990),
    ("LIN-FRO", "Linterna frontal", "Luces", 22_990), ("FAR-LED", "Farol LED", "Luces", 18_990),
    ("BAS-CAR", "Bastones de carbono", "Montaña", 44_990),
    ("CAS-ESC", "Casco de escalada", "Montaña", 52_990),
    ("CUE-60", "Cuerda de 60 metros", "Montaña", 129_990), ("ARN-ESC", "Arnés", "Montaña", 58_990),
)  # fmt: skip
_ORIGINS = ("tienda web", "instagram", "feria de montaña", "recomendación", None)
_CHANNELS = ("tienda web", "whatsapp", "local Providencia")
_SAID = (
    (10, "Llegó antes de lo prometido, quedé feliz."), (9, "Muy buena atención por WhatsApp."),
    (10, "Excelente calidad, volveré a comprar."), (8, "Todo bien, aunque la caja venía algo abierta."),
    (7, "Cumple, nada más."), (3, "Llevo una semana esperando el despacho."),
    (1, "Llegó roto y nadie responde."), (5, "La talla no coincide con la tabla."),
)  # fmt: skip
_TEMPERS = ((14, 0.05), (35, 0.10), (60, 0.15), (110, 0.25), (240, 0.25), (2_000, 0.20))
"""Mean days between purchases, and the share of contacts who buy so."""


@dataclass(frozen=True, slots=True)
class Event:
    """One record of an input topic, with the instant it belongs to."""

    topic: Topic
    at: datetime
    record: dict[str, Any]


@dataclass(slots=True)
class Customer:
    """Somebody of the shop: how often and how much she buys. Who has left comes back now and then."""

    id: str
    name: str
    origin: str | None
    pace_days: float
    means: float
    orders: int = 0
    has_left: bool = False


@dataclass(slots=True)
class Shop:
    """An account's shop. `history` first, then `live`, whose events happen when they are asked for."""

    account_id: str
    currency: str = "CLP"
    people: int = 1_400
    seed: int = 7
    _random: random.Random = field(init=False)
    _customers: list[Customer] = field(init=False, default_factory=list)
    _recent: list[dict[str, Any]] = field(init=False, default_factory=list)
    _events: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a simulation

    def history(self, until: datetime) -> Iterator[Event]:
        """Eighteen months up to `until`, marked as history, in the order of time."""
        begin, events = until - timedelta(days=HISTORY_DAYS), []
        for _ in range(self.people):
            joined = begin + HISTORY_DAYS * self._random.random() ** 1.4 * _DAY
            customer = self._join()
            events.append(self._contact(customer, joined))
            events += self._past(customer, joined, until)
        events.sort(key=lambda event: event.at)
        for event in events:
            if event.topic is not Topic.CONTACTS:
                event.record["backfill"] = True
        yield from events

    def live(self, now: datetime) -> Event:
        """What happens next: mostly purchases; now and then somebody new, a refund, a word."""
        chance = self._random.random()
        if chance < 0.08:
            return self._contact(self._join(), now)
        if chance < 0.20:
            return self._talk(self._random.choice(self._customers), now)
        if chance < 0.28 and self._recent:
            return self._amend(self._recent.pop(self._random.randrange(len(self._recent))), now)
        weights = [(0.03 if one.has_left else 1) / one.pace_days for one in self._customers]
        (customer,) = self._random.choices(self._customers, weights)
        return self._order(customer, now)

    def pause_seconds(self) -> float:
        """How long until the next event; the tempo of a busy shop."""
        return min(6.0, self._random.expovariate(1 / 1.5))

    def _join(self) -> Customer:
        (pace,) = self._random.choices([p for p, _ in _TEMPERS], [share for _, share in _TEMPERS])
        name = " ".join(map(self._random.choice, (_FIRST, _LAST, _LAST)))
        customer = Customer(
            id=f"CLI-{len(self._customers) + 1:05d}",
            name=name,
            origin=self._random.choices(_ORIGINS, (45, 25, 12, 10, 8))[0],
            pace_days=pace * self._random.uniform(0.6, 1.6),
            means=self._random.lognormvariate(0, 0.75),
        )
        self._customers.append(customer)
        return customer

    def _past(self, customer: Customer, joined: datetime, until: datetime) -> Iterator[Event]:
        if self._random.random() < 0.08:
            return
        quits = joined + self._random.expovariate(1 / 330) * _DAY
        customer.has_left = quits < until
        at = joined + self._random.uniform(0, 2) * _DAY
        while at < min(quits, until - timedelta(minutes=5)):
            order = self._order(customer, at)
            yield order
            later = at + self._random.uniform(1, 9) * _DAY
            if self._random.random() < 0.04 and later < until:
                yield self._amend(dict(order.record), later)
            if self._random.random() < 0.22 and later < until:
                yield self._talk(customer, later)
            at += self._random.expovariate(1 / customer.pace_days) * _DAY + timedelta(hours=5)

    def _contact(self, customer: Customer, at: datetime) -> Event:
        plain = customer.name.lower().translate(str.maketrans("áéíóúñ ", "aeioun."))
        consent = [
            {"channel": channel, "granted": self._random.random() < share, "at": _ms(at)}
            for channel, share in (("email", 0.75), ("whatsapp", 0.55))
            if self._random.random() < 0.85
        ]
        personal = {
            "name": customer.name,
            "email": f"{plain}@example.com" if self._random.random() < 0.9 else None,
            "phone": f"+5695550{self._random.randrange(10_000):04d}" if self._random.random() < 0.8 else None,
            "document": None,
        }
        return self._event(
            Topic.CONTACTS, customer, at, version=1, updated_at=_ms(at), origin=customer.origin,
            tags=["club"] if customer.pace_days < 50 else None, consent=consent or None, personal=personal,
        )  # fmt: skip

    def _order(self, customer: Customer, at: datetime) -> Event:
        customer.orders += 1
        items = [self._item(customer) for _ in range(self._random.choices((1, 2, 3), (60, 28, 12))[0])]
        number = f"{customer.id[4:]}-{customer.orders}"
        event = self._event(
            Topic.ORDERS, customer, at, order_id=f"ped-{number}", version=1, status=OrderStatus.PLACED,
            placed_at=_ms(at), updated_at=_ms(at), total_minor=sum(item["total_minor"] for item in items),
            refunded_minor=0, currency=self.currency, number=number, channel=self._random.choice(_CHANNELS),
            items=items, backfill=False,
        )  # fmt: skip
        self._recent = [*self._recent[-40:], event.record]
        return event

    def _item(self, customer: Customer) -> dict[str, Any]:
        sku, name, category, price = self._random.choice(_GOODS)
        total = max(1_990, round(price * customer.means / 1_000) * 1_000 - 10)
        return {"sku": sku, "name": name, "category": category, "quantity": 1.0, "total_minor": total}

    def _amend(self, order: dict[str, Any], at: datetime) -> Event:
        self._events += 1
        whole = self._random.random() < 0.4
        refunded = order["total_minor"] if whole else order["total_minor"] // 4
        fate = {"refunded_minor": refunded, "status": OrderStatus.REFUNDED if whole else OrderStatus.PLACED}
        if self._random.random() < 0.3:
            fate = {"status": OrderStatus.CANCELLED, "refunded_minor": 0}
        changed = {"event_id": f"{self.account_id}-{self._events}", "version": 2, "updated_at": _ms(at)}
        return Event(Topic.ORDERS, at, {**order, **changed, **fate})

    def _talk(self, customer: Customer, at: datetime) -> Event:
        nps, text = self._random.choice(_SAID)
        return self._event(
            Topic.INTERACTIONS, customer, at, interaction_id=f"nps-{self._events}", version=1,
            occurred_at=_ms(at), updated_at=_ms(at), channel="whatsapp", kind="survey", stars=None, csat=None,
            nps=nps, text=text, sentiment=None, sentiment_model=None, backfill=False,
        )  # fmt: skip

    def _event(self, topic: Topic, customer: Customer, at: datetime, **more: Any) -> Event:
        self._events += 1
        head = {
            "event_id": f"{self.account_id}-{self._events}",
            "account_id": self.account_id,
            "contact_id": customer.id,
        }
        return Event(topic, at, head | more)


def _ms(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1000)
