-- day_cells_of_origin: The same of the contacts of one origin.
SELECT toInt32(day) AS bought_on, ifNull(toInt32(prev_day), -1000000) AS bought_before,
    toInt64(count()) AS contacts, sum(orders) AS purchases, sum(revenue_minor) AS revenue
FROM contact_days FINAL
WHERE account_id = {account_id:String} AND contact_id IN (
    SELECT contact_id
    FROM contact_profiles FINAL
    WHERE account_id = {account_id:String} AND NOT removed AND ifNull(origin, {nothing:String}) = {origin:String})
GROUP BY bought_on, bought_before
