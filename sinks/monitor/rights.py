"""Who may do what (REQUIREMENTS A2)."""

from enum import StrEnum


class Profile(StrEnum):
    """A person's profile in an account. Only the first two get into the monitor."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    OTHER = "other"


class Right(StrEnum):
    """What a route asks for."""

    READ = "read"
    EXPORT = "export"
    DRAFT_AUTOMATIONS = "draft_automations"
    ACTIVATE_AUTOMATIONS = "activate_automations"
    SEND = "send"
    EDIT_RULES = "edit_rules"
    EDIT_MODEL = "edit_model"
    EDIT_ACCOUNT = "edit_account"
    MANAGE_USERS = "manage_users"
    MANAGE_ENDPOINTS = "manage_endpoints"
    EDIT_CONSENT = "edit_consent"
    EDIT_CAPS = "edit_caps"
    MERGE = "merge"
    ERASE = "erase"
    READ_AUDIT = "read_audit"


_OPERATOR = frozenset(
    {Right.READ, Right.EXPORT, Right.DRAFT_AUTOMATIONS, Right.ACTIVATE_AUTOMATIONS, Right.SEND}
)

RIGHTS: dict[Profile, frozenset[Right]] = {
    Profile.ADMINISTRATOR: frozenset(Right),
    Profile.OPERATOR: _OPERATOR,
    Profile.OTHER: frozenset(),
}
