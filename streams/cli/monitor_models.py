"""The monitor's view of scoring models: the meaning of `streams.rfm`, in the words of `sinks.monitor`."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.records import Segment
from sinks.monitor.parts import ModelView
from streams.rfm import segment_map, segments
from streams.rfm.account import Account, model_from_body
from streams.rfm.model import WEIGHT_SCALE, ScoringModel


class AccountModels:
    """Implements `sinks.monitor.parts.Models`."""

    def of_account(
        self,
        account_id: str,
        body: Mapping[str, Any],
        model: Mapping[str, Any] | None = None,
        version: int = 1,
    ) -> ModelView:
        """The published model, or the first one of the account. ValueError for one that cannot be."""
        published = model_from_body(str(body["currency"]), model, version) if model is not None else None
        return _view(Account.from_body(account_id, body, published).model)

    def warnings(self, cells: Mapping[tuple[int, int, int], Segment]) -> Sequence[str]:
        """What would surprise users of a map; ValueError for one with gaps."""
        own = {scores: segments.Segment(segment.value) for scores, segment in cells.items()}
        segment_map.require_complete(own)
        return list(segment_map.warnings(own))


def _view(model: ScoringModel) -> ModelView:
    return ModelView(
        recency_cuts=model.recency_cuts,
        frequency_cuts=model.frequency_cuts,
        value_cuts=model.value_cuts,
        value_of=model.value_of.value,
        interaction_weight=model.interaction_weight / WEIGHT_SCALE,
        version=model.version,
        cells={scores: Segment(segment.value) for scores, segment in model.cells.items()},
    )
