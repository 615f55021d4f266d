-- How many rows of contact_days have been written by month of the purchase (months since year 0): sums of a
-- month need not be read again before this number moves.
CREATE TABLE month_ticks
(
    account_id LowCardinality(String),
    month UInt32,
    written UInt64
)
ENGINE = SummingMergeTree
ORDER BY (account_id, month);

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_days_month_ticks TO month_ticks AS
SELECT account_id, toUInt32(toYear(day) * 12 + toMonth(day) - 1) AS month, count() AS written
FROM contact_days
GROUP BY account_id, month;
