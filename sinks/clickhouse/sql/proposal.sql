-- proposal: Quintiles of recency, frequency and average value over the account's buyers, and how large the base is.
SELECT
    count() AS buyers,
    toInt32({to:Date32}) - toInt32(min(first_order_day)) AS days,
    quantilesExact(0.2, 0.4, 0.6, 0.8)(greatest(0, toInt32({to:Date32}) - toInt32(last_order_day))) AS recency,
    quantilesExact(0.2, 0.4, 0.6, 0.8)(orders) AS frequency,
    quantilesExact(0.2, 0.4, 0.6, 0.8)(intDiv(revenue_minor, orders)) AS value
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND orders > 0
