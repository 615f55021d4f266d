-- endpoints_health: How the endpoints took what was sent to them since some moment.
SELECT endpoint_id, uniqExactIf(delivery_id, attempt > 0) AS attempts,
    uniqExactIf(delivery_id, state = {delivered:String}) AS delivered, max(attempted_at) AS last_at,
    maxIf(attempted_at, state = {delivered:String}) AS good_at, argMax(state, attempted_at) AS last_state,
    uniqExact(action_id) - uniqExactIf(action_id, state != {pending:String}) AS waiting,
    length(arrayFilter(at -> at > good_at,
        groupUniqArrayIf(10000)(attempted_at, attempt > 0 AND state != {delivered:String}))) AS failures
FROM webhook_deliveries
WHERE account_id = {account_id:String} AND attempted_at >= fromUnixTimestamp64Milli({since_ms:Int64})
GROUP BY endpoint_id
