-- standing_spans: Between two purchases F and V stay: contacts by both days and scores, for spans after a day.
-- What a contact had on that day is what it has now less what it bought since: only later days are read.
WITH
    /*scoring*/
SELECT bought_on, bought_next, toInt64(f_of(orders_then * 100)) AS f, toInt64(m_of(orders_then, revenue_then)) AS m,
    toInt64(count()) AS contacts
FROM
(
    SELECT
        if(again, later.days, [last_day]) AS days,
        arrayCumSum(arrayPushFront(later.orders, everybody.orders - orders_since)) AS orders_so_far,
        arrayCumSum(arrayPushFront(later.revenue, everybody.revenue_minor - revenue_since)) AS revenue_so_far
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
            arraySort(groupArray((toInt32(day), contact_days.orders, revenue_minor))) AS bought,
            arrayPushFront(tupleElement(bought, 1), argMin(ifNull(toInt32(prev_day), 0), day)) AS days,
            tupleElement(bought, 2) AS orders,
            tupleElement(bought, 3) AS revenue,
            sum(contact_days.orders) AS orders_since,
            sum(revenue_minor) AS revenue_since
        FROM contact_days FINAL
        WHERE account_id = {account_id:String} AND day > {from:Date32}
        GROUP BY contact_id
    ) AS later USING (contact_id)
)
ARRAY JOIN days AS bought_on,
    arrayMap(next -> if(next > toInt32({to_until:Date32}), 1000000, next), arrayPushBack(arrayPopFront(days), 1000000))
        AS bought_next,
    orders_so_far AS orders_then, revenue_so_far AS revenue_then
WHERE orders_then > 0 AND bought_on <= toInt32({to_until:Date32})
GROUP BY bought_on, bought_next, f, m
