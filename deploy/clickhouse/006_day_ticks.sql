-- How many rows of contact_days have been written by month of the purchase (months since year 0), and when
-- last: sums of a month need not be read again before the number moves.
CREATE TABLE month_ticks
(
    account_id LowCardinality(String),
    month UInt32,
    written SimpleAggregateFunction(sum, UInt64),
    written_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (account_id, month);

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_days_month_ticks TO month_ticks AS
SELECT account_id, toUInt32(toYear(day) * 12 + toMonth(day) - 1) AS month, count() AS written,
    now64(3) AS written_at
FROM contact_days
GROUP BY account_id, month;
