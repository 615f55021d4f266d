-- model_preview: Contacts and revenue by segment now and under another model on the same day.
WITH
    /*scoring*/
SELECT segment AS from_segment,
    segment_of(greatest(toInt32({to:Date32}) - toInt32(ifNull(last_order_day, {to:Date32})), 0),
        orders, orders * 100 + interactions * {interaction_weight:Int64},
        revenue_minor) AS to_segment,
    count() AS contacts, sum(orders) AS purchases, sum(revenue_minor) AS revenue
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
GROUP BY from_segment, to_segment
