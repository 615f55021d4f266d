-- set_preview: A page of the contacts that another model would move from one segment to another.
WITH
    /*scoring*/
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, origin, next_segment, next_segment_day,
    personal_name, personal_email, personal_phone, revenue_minor AS sort_number, count() OVER () AS total
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND segment = {source:String}
    AND segment_of(greatest(toInt32({to:Date32}) - toInt32(ifNull(last_order_day, {to:Date32})), 0),
        orders, orders * 100 + interactions * {interaction_weight:Int64}, revenue_minor) = {target:UInt8}
    AND ({from_start:Bool} OR (revenue_minor, contact_id) < ({number:Int64}, {contact_id:String}))
ORDER BY sort_number DESC, contact_id DESC
LIMIT {limit:UInt32}
