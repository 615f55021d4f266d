-- contact_history: The segment changes of one contact, the latest first.
SELECT *
FROM segment_changes FINAL
WHERE account_id = {account_id:String} AND contact_id = {contact_id:String}
ORDER BY seq DESC
LIMIT {limit:UInt32}
SETTINGS max_threads = 1
