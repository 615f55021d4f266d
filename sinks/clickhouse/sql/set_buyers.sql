-- set_buyers: A page of the contacts that bought between two days, those who spent most there first.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, origin, next_segment, next_segment_day,
    personal_name, personal_email, personal_phone, spent AS sort_number, bought, spent, count() OVER () AS total
FROM
(
    SELECT *
    FROM contact_profiles FINAL
    WHERE account_id = {account_id:String} AND NOT removed
        AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
) AS profiles
INNER JOIN
(
    SELECT contact_id, sum(orders) AS bought, sum(revenue_minor) AS spent
    FROM contact_days FINAL
    WHERE account_id = {account_id:String} AND day >= {first:Date32} AND day <= {last:Date32}
    GROUP BY contact_id
) AS purchases USING (contact_id)
WHERE ({from_start:Bool} OR (spent, contact_id) < ({number:Int64}, {contact_id:String}))
ORDER BY sort_number DESC, contact_id DESC
LIMIT {limit:UInt32}
