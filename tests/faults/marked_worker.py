"""The production worker with a model that fails at two amounts: one raises, one ends the process."""

import os
import sys

from streams.cli import main
from streams.rfm.model import ScoringModel

RAISES_MINOR = 66_666
ENDS_MINOR = 99_999

_value_score = ScoringModel.value_score


def _fails(model: ScoringModel, revenue_minor: int, orders: int) -> int:
    if revenue_minor == RAISES_MINOR:
        raise RuntimeError("this amount breaks the fold")
    if revenue_minor == ENDS_MINOR:
        os._exit(9)
    return _value_score(model, revenue_minor, orders)


if __name__ == "__main__":
    ScoringModel.value_score = _fails  # type: ignore[assignment, method-assign]
    sys.argv[1:] = ["worker"]
    main()
