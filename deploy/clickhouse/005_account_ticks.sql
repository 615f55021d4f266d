-- How many rows have been written for each account: a monitor that sees the same number need not ask again.
CREATE TABLE account_ticks
(
    account_id LowCardinality(String),
    written UInt64
)
ENGINE = SummingMergeTree
ORDER BY account_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_profiles_ticks TO account_ticks AS
SELECT account_id, count() AS written
FROM contact_profiles
GROUP BY account_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_days_ticks TO account_ticks AS
SELECT account_id, count() AS written
FROM contact_days
GROUP BY account_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_orders_ticks TO account_ticks AS
SELECT account_id, count() AS written
FROM contact_orders
GROUP BY account_id;

CREATE MATERIALIZED VIEW IF NOT EXISTS segment_changes_ticks TO account_ticks AS
SELECT account_id, count() AS written
FROM segment_changes
GROUP BY account_id;
