"""A rule as a sentence: "Grouping is Loyal, and Days since the last purchase: more than 60"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from gettext import NullTranslations

from schemas.rules import EXISTENCE, ORDER, RANGE, Combinator, Condition, Field, Group, Operator
from sinks.monitor.formats import Formats
from sinks.monitor.telling.names import CHANNELS, FIELDS, OPERATORS, SENTIMENTS
from sinks.monitor.words import GROUPS, SEGMENTS

_MONEY = (Field.REVENUE_MINOR, Field.AVERAGE_TICKET_MINOR)


@dataclass(frozen=True, slots=True)
class Teller:
    """Says things as one person reads them."""

    texts: NullTranslations
    fmt: Formats
    rule_name: Callable[[str], str | None] = lambda _id: None

    def say(self, text: str, **values: object) -> str:
        """A text of the catalogues, filled in."""
        said = self.texts.gettext(text)
        return said % values if values else said

    def listed(self, words: Sequence[str], *, every: bool = False) -> str:
        """ "a, b or c"."""
        if len(words) < 2:
            return words[0] if words else ""
        gettext = self.texts.gettext
        template = gettext("%(first)s and %(last)s") if every else gettext("%(first)s or %(last)s")
        return template % {"first": ", ".join(words[:-1]), "last": words[-1]}

    def segments(self, names: Sequence[str]) -> str:
        """Groupings by name, any of them."""
        named = {segment.value: word for segment, word in SEGMENTS.items()} | GROUPS
        return self.listed([self.say(named[name]) if name in named else name for name in names])

    def rule(self, group: Group) -> str:
        """The whole rule."""
        gettext = self.texts.gettext
        parts = [self._part(member) for member in group.members]
        between = gettext(", and ") if group.combinator is Combinator.AND else gettext(", or ")
        joined = between.join(parts)
        return gettext("not (%(what)s)") % {"what": joined} if group.negated else joined

    def _part(self, member: Condition | Group) -> str:
        if isinstance(member, Condition):
            return self.condition(member)
        inner = self.rule(member)
        return inner if member.negated or len(member.members) == 1 else f"({inner})"

    def condition(self, one: Condition) -> str:
        """One condition."""
        asked = Operator.EQUAL if one.operator is Operator.IN else one.operator
        field, operator = self.say(FIELDS[one.field]), self.say(OPERATORS[asked])
        if one.operator in EXISTENCE:
            return f"{field} {operator}"
        values = [self._value(one.field, value) for value in one.values]
        gettext = self.texts.gettext
        if one.operator in RANGE:
            inside = one.operator is Operator.BETWEEN
            template = (
                gettext("%(field)s: from %(low)s to %(high)s")
                if inside
                else gettext("%(field)s: outside of %(low)s to %(high)s")
            )
            return template % {"field": field, "low": values[0], "high": values[1]}
        if one.operator is Operator.NOT_IN:
            template = gettext("%(field)s is none of these: %(values)s")
            return template % {"field": field, "values": ", ".join(values)}
        if one.operator in ORDER:
            return f"{field}: {operator} {values[0]}"
        return f"{field} {operator} {self.listed(values)}"

    def _value(self, field: Field, value: int | str) -> str:
        if isinstance(value, int):
            return self.fmt.money(value) if field in _MONEY else self.fmt.number(value)
        named: dict[str, str] = {
            Field.SEGMENT: {segment.value: word for segment, word in SEGMENTS.items()},
            Field.NEXT_SEGMENT: {segment.value: word for segment, word in SEGMENTS.items()},
            Field.SENTIMENT: SENTIMENTS,
            Field.CONSENT: CHANNELS,
        }.get(field, {})
        return self.say(named[value]) if value in named else value
