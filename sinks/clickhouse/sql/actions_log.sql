-- actions_log: A page of what automations or sends decided, the latest first, after a position.
SELECT action_id, automation_id, automation_version, contact_id, kind, why, arm, step, due_at, triggered_at,
    cause_event_id, endpoint_id, channel, tag, fate
FROM (
/*fates*/
)
WHERE account_id = {account_id:String}
    AND (empty({fates:Array(String)}) OR has({fates:Array(String)}, fate))
    AND ({any_why:Bool} OR why = {why:String})
    AND ({any_arm:Bool} OR arm = {arm:String})
    AND ({any_version:Bool} OR automation_version = {version:Int32})
    AND ({any_contact:Bool} OR contact_id = {contact_id:String})
    AND ({from_start:Bool} OR (due_at, action_id) < (fromUnixTimestamp64Milli({at_ms:Int64}), {after_id:String}))
ORDER BY due_at DESC, action_id DESC
LIMIT {limit:UInt32}
