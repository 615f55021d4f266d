-- base_as_of: Contacts, orders and revenue by segment at the end of a day, restated from purchases.
WITH
    /*scoring*/
SELECT segment_of(greatest(toInt32({to:Date32}) - last_day, 0), bought, bought * 100, spent) AS segment,
    count() AS contacts, sum(bought) AS purchases, sum(spent) AS revenue
FROM
(
    SELECT max(toInt32(day)) AS last_day, sum(orders) AS bought, sum(revenue_minor) AS spent
    FROM contact_days FINAL
    WHERE account_id = {account_id:String} AND day <= {to_until:Date32}
        AND ({any_origin:Bool} OR contact_id IN (
            SELECT contact_id
            FROM contact_profiles FINAL
            WHERE account_id = {account_id:String} AND NOT removed AND ifNull(origin, {nothing:String}) = {origin:String}))
    GROUP BY contact_id
)
GROUP BY segment
