-- month_ticks: How many rows of purchases have been written, by month.
SELECT month, sum(written) AS written
FROM month_ticks
WHERE account_id = {account_id:String}
GROUP BY month
SETTINGS max_threads = 1
