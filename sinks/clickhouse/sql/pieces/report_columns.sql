-- The columns of a report of contacts (A10), made safe for spreadsheets.
WITH
    /*safe_cells*/,
    (minor -> if({digits:UInt8} = 0, toString(minor), concat(toString(intDiv(minor, {scale:Int64})), {point:String},
        leftPad(toString(modulo(minor, {scale:Int64})), {digits:UInt8}, {zero:String})))) AS money
SELECT
    safe(contact_id),
    safe(personal_name),
    safe(personal_email),
    if(match(ifNull(personal_phone, {nothing:String}), {phone:String}), personal_phone, safe(personal_phone)),
    safe(origin),
    safe(arrayStringConcat(arrayMap(c -> concat(c.1, char(58), if(c.2, {granted:String}, {denied:String})),
        consent), {space:String})),
    transform(toString(segment), {codes:Array(String)}, {words:Array(String)}, {nothing:String}),
    r, f, m,
    ifNull(toString(last_order_day), {nothing:String}),
    if(isNull(last_order_day), {nothing:String},
        toString(greatest(toInt32({today:Date32}) - toInt32(assumeNotNull(last_order_day)), 0))),
    orders,
    if(orders > 0, money(intDiv(2 * revenue_minor + orders, 2 * greatest(orders, 1))), {nothing:String}),
    money(revenue_minor),
    currency,
    if(isNull(next_segment), {nothing:String},
        transform(toString(next_segment), {codes:Array(String)}, {words:Array(String)}, {nothing:String})),
    ifNull(toString(next_segment_day), {nothing:String})
