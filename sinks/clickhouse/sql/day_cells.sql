-- day_cells: Purchases of some days, summed by their day and the day the contact bought before, if it did.
SELECT toInt32(day) AS bought_on, ifNull(toInt32(prev_day), -1000000) AS bought_before,
    toInt64(count()) AS contacts, sum(orders) AS purchases, sum(revenue_minor) AS revenue
FROM contact_days FINAL
WHERE account_id = {account_id:String} AND day >= {first:Date32} AND day <= {last:Date32}
GROUP BY bought_on, bought_before
