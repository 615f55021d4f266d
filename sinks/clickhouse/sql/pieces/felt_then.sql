-- Contacts with segment (0: no purchases) and sentiment at the end of a day, restated; the unheard of are left out.
SELECT contact_id, revenue_minor,
    segment_of(greatest(toInt32({to:Date32}) - if(again, day_before, last_day), 0), orders_then,
        orders_then * 100 + talks * {interaction_weight:Int64}, revenue_minor - revenue_since) AS segment_then,
    multiIf(weights = 0, {nothing:String}, 4 * total >= weights, {positive:String}, 4 * total <= -weights, {negative:String},
        {neutral:String}) AS feeling_then
FROM
(
    SELECT everybody.*, again, day_before, revenue_since, orders - orders_since AS orders_then
    FROM
    (
        SELECT contact_id, orders, revenue_minor, toInt32(ifNull(last_order_day, toDate32(0))) AS last_day
        FROM contact_profiles FINAL
        WHERE account_id = {account_id:String} AND NOT removed
            AND /*of_origin*/
    ) AS everybody
    LEFT JOIN
    (
        SELECT contact_id, true AS again, argMin(ifNull(toInt32(prev_day), 0), day) AS day_before,
            sum(orders) AS orders_since, sum(revenue_minor) AS revenue_since
        FROM contact_days FINAL
        WHERE account_id = {account_id:String} AND day > {to:Date32}
        GROUP BY contact_id
    ) AS later USING (contact_id)
) AS bought
LEFT JOIN
(
    SELECT contact_id, toInt64(count()) AS talks,
        sum(if(isNull(sentiment), toInt128(0), weight_of(toInt32(assumeNotNull(day))))) AS weights,
        sum(toInt128(ifNull(sentiment, 0)) * weight_of(toInt32(assumeNotNull(day)))) AS total
    FROM contact_interactions FINAL
    WHERE account_id = {account_id:String} AND day <= {to:Date32}
    GROUP BY contact_id
) AS talked USING (contact_id)
WHERE orders_then > 0 OR talks > 0
