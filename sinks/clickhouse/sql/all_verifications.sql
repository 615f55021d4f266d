-- all_verifications: The last run of `latido verify`.
SELECT at, drift, events, contacts, clickhouse_rows
FROM verifications
ORDER BY at DESC
LIMIT 1
