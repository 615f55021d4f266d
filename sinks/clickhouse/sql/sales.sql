-- sales: Orders, revenue, buyers and their silence within [from, to], and of all buyers up to `to`.
-- A row whose next_day lies after `to` is the last purchase as of `to`.
WITH
    day >= {from:Date32} AS within,
    next_day IS NULL OR next_day > {to:Date32} AS is_last,
    toInt64(toInt32({to:Date32}) - toInt32(day)) AS silent_days
SELECT
    sumIf(orders, within) AS orders,
    sumIf(revenue_minor, within) AS revenue_minor,
    countIf(within AND is_last) AS buyers,
    sumIf(silent_days, within AND is_last) AS buyers_silent_days,
    countIf(is_last) AS all_buyers,
    sumIf(silent_days, is_last) AS all_buyers_silent_days
FROM contact_days FINAL
WHERE account_id = {account_id:String} AND day <= {to:Date32}
