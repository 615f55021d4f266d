"""What the parts of rules and automations are called on screen."""

from schemas.automation import Exit, Reentry, Status, StepKind, TriggerKind
from schemas.rules import NO_DATA, Field, Operator
from sinks.monitor.i18n import N_

FIELDS: dict[Field, str] = {
    Field.SEGMENT: N_("Grouping"),
    Field.DAYS_SINCE_LAST: N_("Days since the last purchase"),
    Field.DAYS_SINCE_FIRST: N_("Days since the first purchase"),
    Field.R: N_("Recency score (R)"),
    Field.F: N_("Frequency score (F)"),
    Field.V: N_("Value score (V)"),
    Field.ORDERS: N_("Number of purchases"),
    Field.REVENUE_MINOR: N_("Revenue in all"),
    Field.AVERAGE_TICKET_MINOR: N_("Average ticket"),
    Field.SENTIMENT: N_("Sentiment"),
    Field.INTERACTIONS: N_("Number of interactions"),
    Field.NEXT_SEGMENT: N_("Next grouping, if silent"),
    Field.DAYS_UNTIL_NEXT_SEGMENT: N_("Days until the next grouping"),
    Field.ORIGIN: N_("Origin"),
    Field.TAGS: N_("Tags"),
    Field.CONSENT: N_("Consent by channel"),
    Field.NAME: N_("Name"),
    Field.EMAIL: N_("E-mail"),
    Field.PHONE: N_("Phone"),
    Field.DOCUMENT: N_("Identity document"),
}
"""In the order in which an editor offers them."""

SCORES = (Field.R, Field.F, Field.V)

OPERATORS: dict[Operator, str] = {
    Operator.EQUAL: N_("is"),
    Operator.NOT_EQUAL: N_("is not"),
    Operator.LESS: N_("less than"),
    Operator.AT_MOST: N_("at most"),
    Operator.MORE: N_("more than"),
    Operator.AT_LEAST: N_("at least"),
    Operator.BETWEEN: N_("from … to"),
    Operator.NOT_BETWEEN: N_("outside of … to"),
    Operator.IN: N_("is one of"),
    Operator.NOT_IN: N_("is none of"),
    Operator.CONTAINS: N_("includes"),
    Operator.CONTAINS_NOT: N_("does not include"),
    Operator.ABSENT: N_("is not known"),
    Operator.PRESENT: N_("is known"),
}

SENTIMENTS = {
    "positive": N_("positive"),
    "neutral": N_("neutral"),
    "negative": N_("negative"),
    NO_DATA: N_("no data"),
}

STATUSES: dict[Status, str] = {
    Status.DRAFT: N_("Draft"),
    Status.ACTIVE: N_("Active"),
    Status.PAUSED: N_("Paused"),
}

TRIGGERS: dict[TriggerKind, tuple[str, str]] = {
    TriggerKind.SEGMENT_ENTERED: (
        N_("Enters a grouping"),
        N_("By a purchase, a change or the passing of days."),
    ),
    TriggerKind.SEGMENT_LEFT: (N_("Leaves a grouping"), N_("Whatever it goes to, or only to some.")),
    TriggerKind.SILENCE: (
        N_("Last purchase N days ago"),
        N_("On that day, at the account's hour, if nothing was bought."),
    ),
    TriggerKind.RULE: (N_("Begins to match a rule"), N_("Whatever made it match, also the passing of days.")),
    TriggerKind.SENTIMENT: (N_("Sentiment becomes"), N_("By a rating or a message of the contact.")),
    TriggerKind.FORECAST: (
        N_("Is about to change grouping"),
        N_("It will, within those days, unless it buys."),
    ),
    TriggerKind.MANUAL: (N_("Only when somebody sends it"), N_("Nobody enters by itself.")),
}
"""A trigger's name, and what it means."""

STEPS: dict[StepKind, str] = {
    StepKind.MESSAGE: N_("Message"),
    StepKind.WAIT: N_("Wait"),
    StepKind.WAIT_FOR_PURCHASE: N_("Wait for a purchase"),
    StepKind.BRANCH: N_("Different paths"),
    StepKind.SPLIT: N_("A/B split"),
    StepKind.TAG: N_("Tag"),
    StepKind.NOTHING: N_("Nothing"),
}
"""In the order in which the builder offers them."""

REENTRIES: dict[Reentry | str, str] = {
    "": N_("As usual"),
    Reentry.NEVER: N_("Never again"),
    Reentry.AFTER: N_("Again after some days"),
    Reentry.ALWAYS: N_("Every time"),
}
EXITS: dict[Exit, str] = {
    Exit.CONDITION_ENDS: N_("When it no longer holds"),
    Exit.NEVER: N_("Only after the last step"),
}

CHANNELS = {"whatsapp": N_("WhatsApp"), "email": N_("E-mail"), "sms": N_("SMS"), "push": N_("Push message")}

ENTRIES = {"now": N_("Send now"), "from_now": N_("Who enters from now on"), "both": N_("Both")}
"""Who gets it (A9); nothing is preselected."""

VARIABLES = {
    "personal.name": N_("Name"),
    "personal.email": N_("E-mail"),
    "personal.phone": N_("Phone"),
    "segment": N_("Grouping"),
    "days_since_last": N_("Days since the last purchase"),
    "last_purchase": N_("Day of the last purchase"),
    "orders": N_("Number of purchases"),
    "revenue": N_("Revenue in all"),
    "average_ticket": N_("Average ticket"),
    "origin": N_("Origin"),
    "sentiment": N_("Sentiment"),
    "next_segment": N_("Next grouping, if silent"),
    "next_segment_date": N_("Day of the next grouping"),
    "r": N_("Recency score (R)"),
    "f": N_("Frequency score (F)"),
    "v": N_("Value score (V)"),
}
"""What a message may name (`schemas.automation.VARIABLES` and the personal fields)."""
