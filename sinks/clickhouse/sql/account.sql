-- account: The account's definition in force, as JSON.
SELECT argMaxIf(body, record_offset, accepted) AS body, argMaxIf(deleted, record_offset, accepted) AS deleted
FROM definitions
WHERE account_id = {account_id:String} AND kind = 'account'
GROUP BY account_id, id
ORDER BY id = {account_id:String} DESC
LIMIT 1
