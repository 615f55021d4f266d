-- Who did what in the monitor; append only.
CREATE TABLE audit
(
    at DateTime64(3, 'UTC'),
    action LowCardinality(String),
    actor String,
    account_id LowCardinality(String),
    target String,
    outcome LowCardinality(String),
    address String,
    detail String
)
ENGINE = MergeTree
ORDER BY (account_id, at);
