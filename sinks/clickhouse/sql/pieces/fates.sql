-- Actions of some automations or sends whose visits began in a span, each with what became of it.
SELECT account_id, action_id, automation_id, automation_version, contact_id, kind, ifNull(reason, {nothing:String}) AS why,
    arm, step, due_at, triggered_at, cause_event_id, endpoint_id, channel, tag,
    if(kind != {webhook:String}, kind, if(ended.state = {nothing:String}, {pending:String}, ended.state)) AS fate
FROM (
    SELECT *
    FROM automation_actions FINAL
    WHERE account_id = {account_id:String} AND automation_id IN {automations:Array(String)} AND NOT test
        AND triggered_at >= fromUnixTimestamp64Milli({since_ms:Int64}) AND triggered_at < fromUnixTimestamp64Milli({until_ms:Int64})
) AS acted
LEFT JOIN (
    SELECT action_id, toString(argMax(state, record_offset)) AS state
    FROM webhook_deliveries
    WHERE account_id = {account_id:String} AND automation_id IN {automations:Array(String)}
    GROUP BY action_id
) AS ended USING (action_id)
WHERE account_id = {account_id:String}
