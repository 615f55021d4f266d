"""Which edits of definitions count: those based on the version in force (schemas/definitions.py)."""

import polars as pl

from sinks.clickhouse.database import Database

_IN_FORCE = """
SELECT account_id, kind, id, argMaxIf(version, record_offset, accepted) AS version
FROM definitions GROUP BY account_id, kind, id
"""
_LAST = "SELECT max(record_offset) AS last, count() AS edits FROM definitions"


def judged(database: Database, frame: pl.DataFrame) -> pl.DataFrame:
    """The edits of a batch (rows for `definitions`, in log order) with their verdicts; stored ones left out.

    What is stored is a prefix of the log, for an insert is one block: judging a batch again gives the
    same verdicts.
    """
    stored = database.rows(_LAST, {})[0]
    if stored["edits"]:
        frame = frame.filter(pl.col("record_offset") > stored["last"])
    in_force = {
        (row["account_id"], row["kind"], row["id"]): row["version"] for row in database.rows(_IN_FORCE, {})
    }
    verdicts = []
    for edit in frame.select("account_id", "kind", "id", "base_version").iter_rows():
        accepted = edit[3] == in_force.get(edit[:3], 0)
        if accepted:
            in_force[edit[:3]] = edit[3] + 1
        verdicts.append(accepted)
    return frame.with_columns(pl.Series("accepted", verdicts, dtype=pl.Boolean))
