-- The columns of a list of contacts, with what it is sorted by.
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
