-- Contacts with where they stood at the end of two days and what they had by the second; 0: none by then.
-- What a contact had on a day is what it has now less what it bought since: only days after `from` are read.
SELECT contact_id, revenue_minor, orders - orders_after AS orders_then, revenue_minor - revenue_after AS revenue_then,
    segment_of(greatest(toInt32({from:Date32}) - if(again, day_before, last_day), 0), orders - orders_since,
        (orders - orders_since) * 100, revenue_minor - revenue_since) AS from_segment,
    segment_of(greatest(toInt32({to:Date32}) - if(again, day_then, last_day), 0), orders_then,
        orders_then * 100, revenue_then) AS to_segment
FROM
(
    SELECT contact_id, orders, revenue_minor, toInt32(assumeNotNull(last_order_day)) AS last_day
    FROM contact_profiles FINAL
    WHERE account_id = {account_id:String} AND NOT removed AND orders > 0
        AND /*whose*/
) AS everybody
LEFT JOIN
(
    SELECT contact_id, true AS again,
        argMin(ifNull(toInt32(prev_day), 0), day) AS day_before,
        if(countIf(day <= {to_until:Date32}) > 0, maxIf(toInt32(day), day <= {to_until:Date32}), day_before)
            AS day_then,
        sum(orders) AS orders_since,
        sum(revenue_minor) AS revenue_since,
        sumIf(orders, day > {to_until:Date32}) AS orders_after,
        sumIf(revenue_minor, day > {to_until:Date32}) AS revenue_after
    FROM contact_days FINAL
    WHERE account_id = {account_id:String} AND day > {from_until:Date32}
    GROUP BY contact_id
) AS later USING (contact_id)
WHERE orders > orders_after
