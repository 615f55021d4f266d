-- Actions whose delivery was tried in a span, as the last record of each says.
SELECT any(account_id) AS account_id, action_id, any(contact_id) AS contact_id, any(automation_id) AS automation_id,
    any(source) AS source, any(endpoint_id) AS endpoint_id, any(test) AS test,
    uniqExactIf(delivery_id, attempt > 0) AS tries, max(attempted_at) AS last_at, argMax(state, record_offset) AS state,
    argMax(outcome, record_offset) AS outcome, argMax(tuple(status), record_offset).1 AS status,
    argMax(detail, record_offset) AS detail, argMax(took_ms, record_offset) AS took_ms,
    argMax(round, record_offset) AS round, argMax(tuple(next_at), record_offset).1 AS next_at,
    argMax(source_partition, record_offset) AS source_partition, argMax(source_offset, record_offset) AS source_offset
FROM webhook_deliveries
WHERE webhook_deliveries.account_id = {account_id:String}
    AND ({any_action:Bool} OR action_id = {action_id:String})
    AND ({any_automation:Bool} OR webhook_deliveries.automation_id = {automation_id:String})
    AND ({any_endpoint:Bool} OR webhook_deliveries.endpoint_id = {endpoint_id:String})
    AND ({any_contact:Bool} OR webhook_deliveries.contact_id = {contact_id:String})
    AND attempted_at >= fromUnixTimestamp64Milli({since_ms:Int64}) AND attempted_at < fromUnixTimestamp64Milli({until_ms:Int64})
GROUP BY action_id
