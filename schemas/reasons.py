"""Why an input record became a dead letter."""

from enum import StrEnum


class Reason(StrEnum):
    """Codes of `DeadLetter.reason`; each with what the sender should do."""

    MISSING_KEY = "missing_key"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    UNKNOWN_SCHEMA = "unknown_schema"
    INVALID_ID = "invalid_id"
    INVALID_VALUE = "invalid_value"
    UNKNOWN_ACCOUNT = "unknown_account"
    WRONG_CURRENCY = "wrong_currency"
    NEGATIVE_AMOUNT = "negative_amount"
    REFUND_EXCEEDS_TOTAL = "refund_exceeds_total"
    FUTURE_DATED = "future_dated"
    FOLD_ERROR = "fold_error"
    KILLS_PROCESS = "kills_process"
    WEBHOOK_FAILED = "webhook_failed"


REMEDIES: dict[Reason, str] = {
    Reason.MISSING_KEY: "Send the record with the key account_id|contact_id.",
    Reason.TOO_LARGE: "Send orders below 1 MiB; leave out items that are not needed.",
    Reason.MALFORMED: "Send Confluent wire format: a zero byte, the schema id in four bytes, the Avro body.",
    Reason.UNKNOWN_SCHEMA: "Register the schema first, or use the ids of schemas/avro.",
    Reason.INVALID_ID: "Ids have 1 to 200 printable characters; account ids only a-z, 0-9, - and _.",
    Reason.INVALID_VALUE: "Correct the field named in the detail and send the order again.",
    Reason.UNKNOWN_ACCOUNT: "Create the account (latido account create), then re-drive the dead letter.",
    Reason.WRONG_CURRENCY: "Send amounts in the account's base currency.",
    Reason.NEGATIVE_AMOUNT: "Totals and refunds are not negative; a return is a refund of its order.",
    Reason.REFUND_EXCEEDS_TOTAL: "refunded_minor is at most total_minor.",
    Reason.FUTURE_DATED: "placed_at lies more than 24 h after arrival; check the sender's clock and zone.",
    Reason.FOLD_ERROR: "A fault of Latido: report it with this record; re-drive it after the fix.",
    Reason.KILLS_PROCESS: "This record ended the worker repeatedly: report it; re-drive it after the fix.",
    Reason.WEBHOOK_FAILED: "Mend the endpoint, then re-drive: the action is sent again under the same id.",
}
