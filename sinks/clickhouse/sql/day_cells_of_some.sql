-- day_cells_of_some: The same of the contacts of an origin and a sentiment.
SELECT toInt32(day) AS bought_on, ifNull(toInt32(prev_day), -1000000) AS bought_before,
    toInt64(count()) AS contacts, sum(orders) AS purchases, sum(revenue_minor) AS revenue
FROM contact_days FINAL
WHERE account_id = {account_id:String} AND /*contact_of_whose*/
GROUP BY bought_on, bought_before
