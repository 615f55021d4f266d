-- What `latido verify` found, one row a run: drift 0 is the only good answer.
CREATE TABLE verifications
(
    at DateTime64(3, 'UTC'),
    drift UInt64,
    events UInt64,
    contacts UInt64,
    clickhouse_rows Nullable(UInt64)
)
ENGINE = MergeTree
ORDER BY at;
