-- transitions: Contacts by segment at the end of two days, restated from their purchases; 0: none by then.
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
    segment_of(greatest(toInt32({from:Date32}) - from_day, 0), from_orders, from_orders * 100, from_revenue) AS from_segment,
    segment_of(greatest(toInt32({to:Date32}) - to_day, 0), to_orders, to_orders * 100, to_revenue) AS to_segment,
    count() AS contacts
FROM
(
    SELECT
        maxIf(toInt32(day), day <= {from_until:Date32}) AS from_day,
        sumIf(orders, day <= {from_until:Date32}) AS from_orders,
        sumIf(revenue_minor, day <= {from_until:Date32}) AS from_revenue,
        max(toInt32(day)) AS to_day,
        sum(orders) AS to_orders,
        sum(revenue_minor) AS to_revenue
    FROM contact_days FINAL
    WHERE account_id = {account_id:String} AND day <= {to_until:Date32}
        AND ({any_origin:Bool} OR contact_id IN (
            SELECT contact_id
            FROM contact_profiles FINAL
            WHERE account_id = {account_id:String} AND NOT removed AND ifNull(origin, {nothing:String}) = {origin:String}))
    GROUP BY contact_id
)
GROUP BY from_segment, to_segment
