-- rehearsal_contacts: One of so many contacts: what each had bought before a day, and what is known of it now.
SELECT contact_id, origin, tags, granted, personal_name, personal_email, personal_phone, personal_document,
    revenue_minor, orders - orders_since AS orders_then, revenue_minor - revenue_since AS revenue_then,
    if(orders_then > 0, first_day, NULL) AS first_day_then,
    if(orders_then > 0, if(again, day_before, last_day), NULL) AS last_day_then
FROM
(
    SELECT contact_id, origin, tags, personal_name, personal_email, personal_phone, personal_document, orders,
        revenue_minor, arrayMap(c -> c.1, arrayFilter(c -> c.2, consent)) AS granted,
        toInt32(ifNull(first_order_day, toDate32(0))) AS first_day,
        toInt32(ifNull(last_order_day, toDate32(0))) AS last_day
    FROM contact_profiles FINAL
    WHERE account_id = {account_id:String} AND NOT removed
        AND /*one_of_many*/
) AS everybody
LEFT JOIN
(
    SELECT contact_id, true AS again, argMin(ifNull(toInt32(prev_day), 0), day) AS day_before,
        sum(orders) AS orders_since, sum(revenue_minor) AS revenue_since
    FROM contact_days FINAL
    WHERE account_id = {account_id:String} AND day >= {from:Date32}
        AND /*one_of_many*/
    GROUP BY contact_id
) AS later USING (contact_id)
ORDER BY contact_id
