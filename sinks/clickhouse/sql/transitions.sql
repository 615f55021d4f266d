-- transitions: Contacts by segment at the end of two days, restated from their purchases; 0: none by then.
-- What a contact had on a day is what it has now less what it bought since: only days after `from` are read.
WITH
    (age -> 5 - ({recency_cuts:Array(Int64)}[1] < age) - ({recency_cuts:Array(Int64)}[2] < age)
        - ({recency_cuts:Array(Int64)}[3] < age) - ({recency_cuts:Array(Int64)}[4] < age)) AS r_of,
    (n -> 1 + ({frequency_cuts:Array(Int64)}[1] < n) + ({frequency_cuts:Array(Int64)}[2] < n)
        + ({frequency_cuts:Array(Int64)}[3] < n) + ({frequency_cuts:Array(Int64)}[4] < n)) AS f_of,
    ((n, v) -> 1 + ({value_cuts:Array(Int64)}[1] * if({by_sum:Bool}, 1, n) < v)
        + ({value_cuts:Array(Int64)}[2] * if({by_sum:Bool}, 1, n) < v)
        + ({value_cuts:Array(Int64)}[3] * if({by_sum:Bool}, 1, n) < v)
        + ({value_cuts:Array(Int64)}[4] * if({by_sum:Bool}, 1, n) < v)) AS m_of,
    ((age, n, weighted, v) -> if(n > 0,
        {cells:Array(UInt8)}[(r_of(age) - 1) * 25 + (f_of(weighted) - 1) * 5 + m_of(n, v)], 0)) AS segment_of
SELECT
    segment_of(greatest(toInt32({from:Date32}) - if(again, day_before, last_day), 0), orders - orders_since,
        (orders - orders_since) * 100, revenue_minor - revenue_since) AS from_segment,
    segment_of(greatest(toInt32({to:Date32}) - if(again, day_then, last_day), 0), orders - orders_after,
        (orders - orders_after) * 100, revenue_minor - revenue_after) AS to_segment,
    count() AS contacts
FROM
(
    SELECT contact_id, orders, revenue_minor, toInt32(assumeNotNull(last_order_day)) AS last_day
    FROM contact_profiles FINAL
    WHERE account_id = {account_id:String} AND NOT removed AND orders > 0
        AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
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
GROUP BY from_segment, to_segment
