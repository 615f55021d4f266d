-- set_moved: A page of the contacts that were in some segments at the end of a day and in some at another's.
WITH
    /*scoring*/
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, origin, next_segment, next_segment_day,
    personal_name, personal_email, personal_phone, revenue_minor AS sort_number, count() OVER () AS total
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND contact_id IN (
        SELECT contact_id
        FROM contact_days FINAL
        WHERE account_id = {account_id:String} AND day <= {to_until:Date32}
        GROUP BY contact_id
        HAVING segment_of(
                greatest(toInt32({from:Date32}) - maxIf(toInt32(day), day <= {from_until:Date32}), 0),
                sumIf(contact_days.orders, day <= {from_until:Date32}),
                sumIf(contact_days.orders, day <= {from_until:Date32}) * 100,
                sumIf(contact_days.revenue_minor, day <= {from_until:Date32})) IN {sources:Array(UInt8)}
            AND segment_of(
                greatest(toInt32({to:Date32}) - max(toInt32(day)), 0), sum(contact_days.orders),
                sum(contact_days.orders) * 100, sum(contact_days.revenue_minor)) IN {targets:Array(UInt8)})
    AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
    AND ({from_start:Bool} OR (revenue_minor, contact_id) < ({number:Int64}, {contact_id:String}))
ORDER BY sort_number DESC, contact_id DESC
LIMIT {limit:UInt32}
