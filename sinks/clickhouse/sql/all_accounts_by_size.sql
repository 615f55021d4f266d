-- all_accounts_by_size: The accounts with most rows, the largest first; belongs to no account.
SELECT account_id, sum(written) AS rows_written
FROM account_ticks
GROUP BY account_id
ORDER BY rows_written DESC, account_id
LIMIT 16
