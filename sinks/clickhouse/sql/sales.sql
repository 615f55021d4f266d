-- sales: Orders, revenue, buyers and their silence within [from, to], and of all buyers up to `to`.
-- Each buyer has one row whose purchase before lies outside; days less the days before leave the last days.
WITH
    day >= {from:Date32} AS within,
    prev_day IS NOT NULL AS again,
    ifNull(prev_day >= {from:Date32}, false) AS again_within,
    toInt64(toInt32(day)) AS day_number,
    toInt64(toInt32(assumeNotNull(prev_day))) AS prev_number,
    toInt64(toInt32({to:Date32})) AS end
SELECT
    sumIf(orders, within) AS orders,
    sumIf(revenue_minor, within) AS revenue_minor,
    countIf(within AND NOT again_within) AS buyers,
    end * buyers - sumIf(day_number, within) + sumIf(prev_number, within AND again_within) AS buyers_silent_days,
    countIf(NOT again) AS all_buyers,
    end * all_buyers - sum(day_number) + sumIf(prev_number, again) AS all_buyers_silent_days
FROM contact_days FINAL
WHERE account_id = {account_id:String} AND day <= {to:Date32}
