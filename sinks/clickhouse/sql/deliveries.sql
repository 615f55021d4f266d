-- deliveries: A page of actions by how their delivery stands, the latest attempt first, after a position.
SELECT action_id, contact_id, automation_id, source, endpoint_id, test, tries, last_at, state, outcome, status, detail,
    took_ms, round, next_at, source_partition, source_offset
FROM (
/*delivered*/
)
WHERE account_id = {account_id:String} AND ({any_state:Bool} OR state = {state:String})
    AND ({from_start:Bool} OR (last_at, action_id) < (fromUnixTimestamp64Milli({at_ms:Int64}), {after_id:String}))
ORDER BY last_at DESC, action_id DESC
LIMIT {limit:UInt32}
