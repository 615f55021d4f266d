-- definition_edits: Every edit of the account and its scoring models, the latest first.
SELECT kind, id, version, base_version, author, at, accepted, deleted, body
FROM definitions FINAL
WHERE account_id = {account_id:String} AND kind IN {kinds:Array(String)}
ORDER BY record_offset DESC
LIMIT {limit:UInt32}
