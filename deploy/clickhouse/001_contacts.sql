-- What the compacted topics hold, one row a key: the row with the highest sequence wins, is_deleted hides it.
-- Inserting a batch again, or an older one late, changes nothing. Days are days of the account's time zone.

CREATE TABLE contact_profiles
(
    account_id LowCardinality(String),
    contact_id String,
    sequence UInt64,
    is_deleted UInt8 DEFAULT 0,
    first_order_day Nullable(Date32),
    last_order_day Nullable(Date32),
    orders Int64,
    revenue_minor Int64,
    currency LowCardinality(String),
    r UInt8,
    f UInt8,
    m UInt8,
    segment LowCardinality(String),
    model_version Int32,
    scored_day Nullable(Date32),
    boundary_day Nullable(Date32),
    next_segment LowCardinality(Nullable(String)),
    next_segment_day Nullable(Date32),
    changes Int64,
    interactions Int64,
    sentiment LowCardinality(Nullable(String)),
    sentiment_mean Nullable(Float64),
    sentiment_sum String,
    sentiment_weight String,
    origin LowCardinality(Nullable(String)),
    tags Array(String),
    consent Array(Tuple(channel String, granted Bool, at Nullable(DateTime64(3, 'UTC')))),
    personal_name Nullable(String),
    personal_email Nullable(String),
    personal_phone Nullable(String),
    personal_document Nullable(String),
    contact_version Nullable(Int64),
    contact_updated_at Nullable(DateTime64(3, 'UTC')),
    contact_event_id Nullable(String),
    origin_version Nullable(Int64),
    origin_updated_at Nullable(DateTime64(3, 'UTC')),
    origin_event_id Nullable(String),
    changed_at Nullable(DateTime64(3, 'UTC')),
    removed Bool
)
ENGINE = ReplacingMergeTree(sequence, is_deleted)
ORDER BY (account_id, contact_id);

CREATE TABLE contact_orders
(
    account_id LowCardinality(String),
    contact_id String,
    order_id String,
    sequence UInt64,
    is_deleted UInt8 DEFAULT 0,
    version Int64,
    updated_at Nullable(DateTime64(3, 'UTC')),
    event_id String,
    status LowCardinality(String),
    placed_at Nullable(DateTime64(3, 'UTC')),
    day Nullable(Date32),
    total_minor Int64,
    refunded_minor Int64,
    counted Bool,
    net_minor Int64,
    currency LowCardinality(String),
    number Nullable(String),
    channel LowCardinality(Nullable(String)),
    items Array(Tuple(
        sku String,
        name Nullable(String),
        category Nullable(String),
        quantity Float64,
        total_minor Int64))
)
ENGINE = ReplacingMergeTree(sequence, is_deleted)
ORDER BY (account_id, contact_id, order_id);

CREATE TABLE contact_interactions
(
    account_id LowCardinality(String),
    contact_id String,
    interaction_id String,
    sequence UInt64,
    is_deleted UInt8 DEFAULT 0,
    version Int64,
    updated_at Nullable(DateTime64(3, 'UTC')),
    event_id String,
    occurred_at Nullable(DateTime64(3, 'UTC')),
    day Nullable(Date32),
    channel LowCardinality(Nullable(String)),
    kind LowCardinality(Nullable(String)),
    stars Nullable(Int8),
    csat Nullable(Int8),
    nps Nullable(Int8),
    text Nullable(String),
    sentiment Nullable(Int8),
    sentiment_model Nullable(String)
)
ENGINE = ReplacingMergeTree(sequence, is_deleted)
ORDER BY (account_id, contact_id, interaction_id);

-- Ordered by day before contact: a period reads its own days only.
CREATE TABLE contact_days
(
    account_id LowCardinality(String),
    day Date32,
    contact_id String,
    sequence UInt64,
    is_deleted UInt8 DEFAULT 0,
    prev_day Nullable(Date32),
    orders Int64,
    revenue_minor Int64
)
ENGINE = ReplacingMergeTree(sequence, is_deleted)
ORDER BY (account_id, day, contact_id);
