-- standing_spans: Between two purchases F and V stay: contacts by both days and scores, for spans after a day.
WITH
    (age -> 5 - ({recency_cuts:Array(Int64)}[1] < age) - ({recency_cuts:Array(Int64)}[2] < age)
        - ({recency_cuts:Array(Int64)}[3] < age) - ({recency_cuts:Array(Int64)}[4] < age)) AS r_of,
    (n -> 1 + ({frequency_cuts:Array(Int64)}[1] < n) + ({frequency_cuts:Array(Int64)}[2] < n)
        + ({frequency_cuts:Array(Int64)}[3] < n) + ({frequency_cuts:Array(Int64)}[4] < n)) AS f_of,
    ((n, v) -> 1 + ({value_cuts:Array(Int64)}[1] * if({by_sum:Bool}, 1, n) < v)
        + ({value_cuts:Array(Int64)}[2] * if({by_sum:Bool}, 1, n) < v)
        + ({value_cuts:Array(Int64)}[3] * if({by_sum:Bool}, 1, n) < v)
        + ({value_cuts:Array(Int64)}[4] * if({by_sum:Bool}, 1, n) < v)) AS m_of
SELECT toInt32(bought_on) AS bought_on, toInt32(bought_next) AS bought_next,
    toInt64(f_of(orders_then * 100)) AS f, toInt64(m_of(orders_then, revenue_then)) AS m,
    toInt64(count()) AS contacts
FROM
(
    SELECT arraySort(groupArray((toInt32(day), orders, revenue_minor))) AS bought,
        tupleElement(bought, 1) AS days,
        arrayCumSum(tupleElement(bought, 2)) AS orders_so_far,
        arrayCumSum(tupleElement(bought, 3)) AS revenue_so_far
    FROM contact_days FINAL
    WHERE account_id = {account_id:String} AND day <= {to_until:Date32}
        AND ({any_origin:Bool} OR contact_id IN (
            SELECT contact_id
            FROM contact_profiles FINAL
            WHERE account_id = {account_id:String} AND NOT removed AND ifNull(origin, {nothing:String}) = {origin:String}))
    GROUP BY contact_id
)
ARRAY JOIN days AS bought_on, arrayPushBack(arrayPopFront(days), 1000000) AS bought_next,
    orders_so_far AS orders_then, revenue_so_far AS revenue_then
WHERE bought_next > toInt32({from:Date32})
GROUP BY bought_on, bought_next, f, m
