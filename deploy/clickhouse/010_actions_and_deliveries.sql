-- What automations and manual sends decided, one row an action: of several records of one action the last in the
-- log wins (deferred, then webhook; webhook, then cancelled). Neither texts nor personal fields are kept here.
CREATE TABLE automation_actions
(
    action_id String,
    account_id LowCardinality(String),
    contact_id String,
    source LowCardinality(String),
    automation_id LowCardinality(String),
    automation_version Int32,
    visit String,
    step String,
    kind LowCardinality(String),
    reason LowCardinality(Nullable(String)),
    arm LowCardinality(String),
    cause_event_id Nullable(String),
    triggered_at DateTime64(3, 'UTC'),
    due_at DateTime64(3, 'UTC'),
    expires_at Nullable(DateTime64(3, 'UTC')),
    historical Bool,
    test Bool,
    endpoint_id LowCardinality(Nullable(String)),
    channel LowCardinality(Nullable(String)),
    tag LowCardinality(Nullable(String)),
    variables Array(Tuple(variable String, type String, value Nullable(String))),
    currency LowCardinality(Nullable(String)),
    quiet_start_minute Nullable(Int32),
    quiet_end_minute Nullable(Int32),
    time_zone LowCardinality(Nullable(String)),
    record_offset UInt64
)
ENGINE = ReplacingMergeTree(record_offset)
ORDER BY (account_id, automation_id, contact_id, action_id);

-- Every attempt to deliver an action, and how its round ended.
CREATE TABLE webhook_deliveries
(
    delivery_id String,
    action_id String,
    account_id LowCardinality(String),
    contact_id String,
    automation_id LowCardinality(String),
    source LowCardinality(String),
    endpoint_id LowCardinality(String),
    round Int32,
    attempt Int32,
    state LowCardinality(String),
    outcome LowCardinality(String),
    status Nullable(Int32),
    detail String,
    attempted_at DateTime64(3, 'UTC'),
    took_ms Int64,
    next_at Nullable(DateTime64(3, 'UTC')),
    due_at DateTime64(3, 'UTC'),
    triggered_at DateTime64(3, 'UTC'),
    source_partition Int32,
    source_offset Int64,
    test Bool,
    record_offset UInt64
)
ENGINE = ReplacingMergeTree(record_offset)
ORDER BY (account_id, action_id, round, attempt, delivery_id);
