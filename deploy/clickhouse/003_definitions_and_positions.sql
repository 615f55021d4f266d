-- Every edit ever made; accepted says whether it was based on the version in force (in log order).
CREATE TABLE definitions
(
    account_id String,
    kind LowCardinality(String),
    id String,
    record_offset UInt64,
    accepted Bool,
    version Int32,
    base_version Int32,
    author String,
    at DateTime64(3, 'UTC'),
    deleted Bool,
    body String
)
ENGINE = ReplacingMergeTree
ORDER BY (account_id, kind, id, record_offset);

-- The last watermark of every partition, as the workers wrote it.
CREATE TABLE watermarks
(
    application LowCardinality(String),
    partition Int32,
    record_offset UInt64,
    generation Int32,
    positions Array(Tuple(topic String, offset Int64, attempts Int32)),
    caught_up_at Nullable(DateTime64(3, 'UTC')),
    memo String
)
ENGINE = ReplacingMergeTree(record_offset)
ORDER BY (application, partition);

-- Up to which instant everything of a partition is queryable here.
CREATE TABLE freshness
(
    application LowCardinality(String),
    partition Int32,
    data_up_to DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(data_up_to)
ORDER BY (application, partition);

-- Records of our own topics that the sink could not decode: never in the way, never lost.
CREATE TABLE sink_refusals
(
    topic LowCardinality(String),
    partition Int32,
    record_offset UInt64,
    timestamp DateTime64(3, 'UTC'),
    reason String,
    key Nullable(String),
    value Nullable(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, record_offset);
