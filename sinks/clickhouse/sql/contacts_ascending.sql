-- contacts_ascending: A page of the contacts of some segments, sorted by a column, after a position.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, first_order_day, last_order_day, origin,
    next_segment, next_segment_day, personal_name, personal_email, personal_phone,
    multiIf(
        {sort:UInt8} = 1, revenue_minor,
        {sort:UInt8} = 2, orders,
        {sort:UInt8} = 3, if(orders > 0, intDiv(2 * revenue_minor + orders, 2 * greatest(orders, 1)), -1),
        {sort:UInt8} = 4, ifNull(toInt64(last_order_day), -1000000),
        {sort:UInt8} = 5, ifNull(toInt64(next_segment_day), 1000000),
        {sort:UInt8} = 6, toInt64(r * 36 + f * 6 + m),
        0) AS sort_number,
    if({sort:UInt8} = 7, lowerUTF8(ifNull(personal_name, {nothing:String})), {nothing:String}) AS sort_text
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND segment IN {segments:Array(String)}
    AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
    AND ({any_sentiment:Bool} OR ifNull(sentiment, {nothing:String}) = {sentiment:String})
    AND ({text:String} = {nothing:String} OR positionCaseInsensitiveUTF8(concatWithSeparator(char(10),
        contact_id, ifNull(personal_name, {nothing:String}), ifNull(personal_email, {nothing:String}),
        ifNull(personal_phone, {nothing:String})), {text:String}) > 0)
    AND ({from_start:Bool}
        OR (sort_number, sort_text, contact_id) > ({number:Int64}, {name_after:String}, {contact_id:String}))
ORDER BY sort_number ASC, sort_text ASC, contact_id ASC
LIMIT {limit:UInt32}
