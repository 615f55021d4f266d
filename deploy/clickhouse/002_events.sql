-- What happened, one row an event id. Of two records with one id (after a replay) the later in the log wins:
-- a contact's records share a partition, so that record_offset orders them. Small granules where the history of
-- one contact is looked up.

CREATE TABLE segment_changes
(
    event_id String,
    account_id LowCardinality(String),
    contact_id String,
    seq Int64,
    record_offset UInt64,
    from_segment LowCardinality(String),
    to_segment LowCardinality(String),
    cause LowCardinality(String),
    why String,
    cause_event_id Nullable(String),
    cause_order_id Nullable(String),
    effective_day Nullable(Date32),
    occurred_at Nullable(DateTime64(3, 'UTC')),
    historical Bool,
    r_before UInt8,
    f_before UInt8,
    m_before UInt8,
    r UInt8,
    f UInt8,
    m UInt8,
    model_version Int32,
    orders Int64,
    revenue_minor Int64,
    average_ticket_minor Nullable(Int64),
    currency LowCardinality(String),
    first_order_day Nullable(Date32),
    last_order_day Nullable(Date32),
    interactions Int64,
    origin LowCardinality(Nullable(String)),
    next_segment LowCardinality(Nullable(String)),
    next_segment_day Nullable(Date32)
)
ENGINE = ReplacingMergeTree(record_offset)
ORDER BY (account_id, contact_id, seq, event_id)
SETTINGS index_granularity = 1024;

CREATE TABLE milestones
(
    event_id String,
    account_id LowCardinality(String),
    contact_id String,
    days Int32,
    last_order_day Date32,
    record_offset UInt64,
    effective_day Nullable(Date32),
    occurred_at Nullable(DateTime64(3, 'UTC')),
    missed Bool,
    segment LowCardinality(String),
    r UInt8,
    f UInt8,
    m UInt8,
    orders Int64,
    revenue_minor Int64,
    currency LowCardinality(String)
)
ENGINE = ReplacingMergeTree(record_offset)
ORDER BY (account_id, contact_id, last_order_day, days, event_id);

-- Identified by the position of the record that could not be used.
CREATE TABLE dead_letters
(
    topic LowCardinality(String),
    partition Int32,
    offset Int64,
    record_offset UInt64,
    timestamp DateTime64(3, 'UTC'),
    reason LowCardinality(String),
    detail String,
    account_id LowCardinality(Nullable(String)),
    key Nullable(String),
    value Nullable(String),
    headers Array(Tuple(name String, value Nullable(String)))
)
ENGINE = ReplacingMergeTree(record_offset)
ORDER BY (topic, partition, offset);
