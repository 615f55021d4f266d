-- lift: Contacts by arm, and what those whose window has closed bought in it, whatever became of their actions.
-- Each contact counts once in every part, by its first entry; its window is as long for everybody.
SELECT part.1 AS which, part.2 AS one, part.3 AS other, dealt AS arm, took AS split_arm, countIf(closed) AS contacts,
    countIf(NOT closed) AS running, countIf(closed AND purchases > 0) AS buyers, sumIf(revenue, closed) AS revenue_minor,
    toString(sumIf(toInt256(revenue) * revenue, closed)) AS squares
FROM (
    WITH
        began + toIntervalMillisecond({window_ms:Int64}) AS ends,
        ifNull(placed_at >= began AND placed_at < ends, false) AS within
    SELECT first.account_id AS account_id, part, dealt, took, contact_id,
        ends <= fromUnixTimestamp64Milli({now_ms:Int64}) AS closed,
        countIf(within) AS purchases, sumIf(net_minor, within) AS revenue
    FROM (
        SELECT account_id, contact_id, part, min(at) AS began, argMin(arm, (at, action_id)) AS dealt,
            argMin(taken, (at, action_id)) AS took
        FROM (
/*lift_entries*/
        )
        WHERE account_id = {account_id:String}
        GROUP BY account_id, contact_id, part
    ) AS first
    LEFT JOIN (
        SELECT contact_id, placed_at, net_minor
        FROM contact_orders FINAL
        PREWHERE account_id = {account_id:String} AND contact_id IN (
            SELECT contact_id
            FROM automation_actions
            WHERE account_id = {account_id:String} AND automation_id = {automation_id:String}
        )
        WHERE counted
    ) AS bought USING (contact_id)
    WHERE account_id = {account_id:String}
    GROUP BY account_id, part, dealt, took, contact_id, closed
)
WHERE account_id = {account_id:String}
GROUP BY which, one, other, dealt, took
ORDER BY which, one, other, arm, split_arm
