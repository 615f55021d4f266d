-- delivery_attempts: Every attempt to deliver some actions, in their order.
SELECT action_id, round, attempt, state, outcome, status, detail, attempted_at, took_ms, next_at
FROM webhook_deliveries FINAL
WHERE account_id = {account_id:String} AND action_id IN {actions:Array(String)}
ORDER BY action_id, record_offset
