-- contacts_of_scores: The contacts with these three scores, those who have spent most first.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, first_order_day, last_order_day, origin,
    next_segment, next_segment_day, personal_name, personal_email, personal_phone
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND orders > 0
    AND r = {r:UInt8} AND f = {f:UInt8} AND m = {m:UInt8}
    AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
ORDER BY revenue_minor DESC, contact_id
LIMIT {limit:UInt32}
