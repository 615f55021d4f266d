-- set_scores: A page of the contacts with these three scores, those who have spent most first.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, origin, next_segment, next_segment_day,
    personal_name, personal_email, personal_phone, revenue_minor AS sort_number, count() OVER () AS total
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND orders > 0 AND r = {r:UInt8} AND f = {f:UInt8} AND m = {m:UInt8}
    AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
    AND ({from_start:Bool} OR (revenue_minor, contact_id) < ({number:Int64}, {contact_id:String}))
ORDER BY sort_number DESC, contact_id DESC
LIMIT {limit:UInt32}
