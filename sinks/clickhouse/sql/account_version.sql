-- account_version: How many rows have been written for the account so far.
SELECT sum(written) AS written
FROM account_ticks
WHERE account_id = {account_id:String}
SETTINGS max_threads = 1
