"""Accounts, their models and the milestones they ask for, as definitions.v1 has them by now."""

from collections.abc import Mapping

from schemas.automation import AUTOMATION, Status
from schemas.automation import TriggerKind as On
from schemas.definitions_topic import Definitions
from streams.rfm.account import Account, model_from_body
from streams.rfm.model import ScoringModel

ACCOUNT, MODEL, MILESTONE = "account", "model", "milestone"
MODEL_ID = "scoring"
"""An account has one scoring model; its versions are edits of one definition."""

Asked = tuple[tuple[int, int], ...]
"""(days since the last purchase, instant since which it is asked for)."""


class Accounts(Definitions):
    """Definitions in the form the fold needs. A body that makes no sense is passed over and logged."""

    _first_models: dict[str, ScoringModel]
    _models: dict[tuple[str, int], ScoringModel]
    _accounts: dict[str, Account]
    _milestones: dict[str, Asked]

    def start(self) -> None:
        """Read the log to its present end, then follow it."""
        self._first_models, self._models, self._accounts, self._milestones = {}, {}, {}, {}
        super().start()

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Accounts by id."""
        return self._accounts

    @property
    def models(self) -> Mapping[tuple[str, int], ScoringModel]:
        """Every model that was ever in force, by account and version."""
        return self._models

    def milestones(self, account_id: str) -> Asked:
        """What the account's definitions ask for."""
        return self._milestones.get(account_id, ())

    def on_accepted(self, account_id: str, kind: str) -> None:
        """Derive anew what an accepted edit touches. ValueError, KeyError, TypeError for a senseless body."""
        if kind in (ACCOUNT, MODEL):
            self._build_account(account_id)
        elif kind in (MILESTONE, AUTOMATION):
            self._milestones[account_id] = self._asked(account_id)

    def _asked(self, account_id: str) -> Asked:
        """Milestones asked for by themselves, and those that active automations wait for.

        An automation that is edited goes on asking since it was activated.
        """
        asked = [
            (int(days), definition.at_ms)
            for definition in self.of_kind(MILESTONE, account_id)
            for days in definition.body["days"]
        ]
        before = self.milestones(account_id)
        for definition in self.of_kind(AUTOMATION, account_id):
            trigger = definition.body.get("trigger") or {}
            if definition.body.get("status") == Status.ACTIVE and trigger.get("kind") == On.SILENCE:
                silence = int(trigger["days"])
                since_ms = [at_ms for days, at_ms in before if days == silence]
                asked.append((silence, min([definition.at_ms, *since_ms])))
        return tuple(asked)

    def _build_account(self, account_id: str) -> None:
        account = self.get(account_id, ACCOUNT, account_id)
        model = self.get(account_id, MODEL, MODEL_ID)
        if account is None:
            return
        # Cuts stated with the account are its first model for ever: another model is an edit of its own.
        first = self._first_models.get(account_id)
        if first is None:
            first = self._first_models[account_id] = Account.from_body(account_id, account.body).model
        published = model and model_from_body(account.body["currency"], model.body, model.version + 1)
        model_now = published or first
        self._models[account_id, model_now.version] = model_now
        self._accounts[account_id] = Account.from_body(account_id, account.body, model_now)
