-- forecast_contacts: Who changes segment next if silent: a page, the soonest first, after a position.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, origin,
    next_segment, next_segment_day, personal_name, personal_email, personal_phone
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND next_segment_day > {after:Date32} AND next_segment_day <= {until:Date32}
    AND /*whose*/
    AND segment IN {from_segments:Array(String)} AND next_segment IN {to_segments:Array(String)}
    AND ({from_start:Bool}
        OR (assumeNotNull(next_segment_day), contact_id) > ({day:Date32}, {contact_id:String}))
ORDER BY next_segment_day, contact_id
LIMIT {limit:UInt32}
