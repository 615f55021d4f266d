"""What becomes of automations, sends and webhooks, in words for people; catalogues have the translations."""

from schemas.actions import ActionReason, Arm, DeliveryState, Outcome
from sinks.monitor.api.send_answers import Stage
from sinks.monitor.figures.reached import Basis
from sinks.monitor.figures.results import Fate
from sinks.monitor.i18n import N_

FATES: dict[Fate, str] = {
    Fate.ENTERED: N_("Entered"),
    Fate.ASSIGNED: N_("Dealt to an arm"),
    Fate.DELIVERED: N_("Delivered"),
    Fate.PENDING: N_("On the way"),
    Fate.FAILED: N_("Failed"),
    Fate.CANCELLED: N_("Cancelled before delivery"),
    Fate.DEFERRED: N_("Waiting for the end of quiet hours"),
    Fate.SUPPRESSED: N_("Not sent"),
    Fate.TAG: N_("Tagged"),
    Fate.NOTHING: N_("Nothing done"),
    Fate.MISSED: N_("Missed"),
    Fate.EXITED: N_("Left"),
}

REASONS: dict[ActionReason, str] = {
    ActionReason.NO_CONSENT: N_("has not agreed to this channel"),
    ActionReason.NO_ADDRESS: N_("has no address for this channel"),
    ActionReason.CAP_CONTACT: N_("has had the most messages a contact may have"),
    ActionReason.CAP_ACCOUNT: N_("the account has sent the most messages of a day"),
    ActionReason.QUIET_HOURS: N_("quiet hours"),
    ActionReason.ENDPOINT_DISABLED: N_("the endpoint is switched off"),
    ActionReason.PURCHASED: N_("bought"),
    ActionReason.CONDITION_ENDED: N_("the condition no longer holds"),
    ActionReason.COMPLETED: N_("went through all steps"),
    ActionReason.PAUSED: N_("the automation was paused"),
    ActionReason.STOPPED: N_("the send was stopped"),
    ActionReason.ERASED: N_("data erased"),
    ActionReason.MERGED: N_("merged with another contact"),
    ActionReason.TOO_LATE: N_("noticed too late to act"),
    ActionReason.REENTRY: N_("entered a short while ago"),
    ActionReason.INSIDE: N_("is inside already"),
}

STATES: dict[DeliveryState, str] = {
    DeliveryState.DELIVERED: N_("Delivered"),
    DeliveryState.PENDING: N_("Will be tried again"),
    DeliveryState.FAILED: N_("Failed"),
    DeliveryState.CANCELLED: N_("Cancelled before delivery"),
}

OUTCOMES: dict[Outcome, str] = {
    Outcome.DELIVERED: N_("The endpoint took it."),
    Outcome.STATUS: N_("The endpoint answered with an error."),
    Outcome.REDIRECT: N_("The endpoint answered with another address; webhooks follow none."),
    Outcome.GONE: N_("The endpoint said it is gone for good, and was switched off."),
    Outcome.THROTTLED: N_("The endpoint asked for a slower pace."),
    Outcome.TIMEOUT: N_("The endpoint did not answer in time."),
    Outcome.CONNECTION: N_("The endpoint could not be reached."),
    Outcome.TLS: N_("The endpoint's certificate was not accepted."),
    Outcome.PROTOCOL: N_("The endpoint answered with something that is not HTTP."),
    Outcome.ADDRESS_REFUSED: N_("The address leads to a place where webhooks must not go."),
    Outcome.URL_REFUSED: N_("The address is none that webhooks may go to."),
    Outcome.ENDPOINT_UNKNOWN: N_("There is no such endpoint."),
    Outcome.ENDPOINT_DISABLED: N_("The endpoint is switched off."),
    Outcome.SECRET_MISSING: N_("The endpoint has no secret to sign with."),
    Outcome.EXPIRED: N_("It was tried for as long as attempts are made."),
    Outcome.STALE: N_("It was due too long ago."),
    Outcome.OVERFLOW: N_("Too many waited for this endpoint."),
    Outcome.CANCELLED: N_("It was cancelled before it was delivered."),
    Outcome.UNUSABLE: N_("It cannot be written as a message."),
}

ARMS: dict[Arm, str] = {Arm.TREATED: N_("Gets it"), Arm.HOLDOUT: N_("Holdout: gets nothing")}

BASES: dict[Basis, str] = {
    Basis.CHANGES: N_(
        "Counted from the segment changes of these days, each contact once. Imported history does not count: "
        "it fires nothing."
    ),
    Basis.PURCHASES: N_("Counted from the purchases of these days; the audience is that of today."),
    Basis.RULE_OF_PRESENT: N_(
        "Cannot be counted for the past: what the rule asks for is known as of now, not as of then."
    ),
    Basis.SENTIMENT: N_("Cannot be counted for the past: sentiment is known as of now, not as of then."),
    Basis.FORECAST: N_("Cannot be counted for the past: forecasts are known as of now, not as of then."),
    Basis.MANUAL: N_("A manual send goes to whoever is in the audience when it is confirmed."),
}

STAGES: dict[Stage, str] = {
    Stage.STARTING: N_("Starting"),
    Stage.SENDING: N_("Being sent"),
    Stage.DONE: N_("Done"),
    Stage.STOPPED: N_("Stopped"),
}

CHANNELS: dict[str, str] = {"whatsapp": N_("WhatsApp"), "email": N_("E-mail"), "sms": N_("SMS")}
"""What a message may go by; any other channel stands as it is."""
