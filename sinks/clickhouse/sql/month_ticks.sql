-- month_ticks: How many rows of purchases have been written, by month, and how many seconds ago the last.
SELECT month, sum(written) AS rows_written,
    (toUnixTimestamp64Milli(now64(3)) - toUnixTimestamp64Milli(max(written_at))) / 1000 AS age
FROM month_ticks
WHERE account_id = {account_id:String}
GROUP BY month
SETTINGS max_threads = 1
