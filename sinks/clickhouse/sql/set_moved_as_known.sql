-- set_moved_as_known: The same page, by the changes as they were told; an empty source is new.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, origin, next_segment, next_segment_day,
    personal_name, personal_email, personal_phone, revenue_minor AS sort_number, count() OVER () AS total
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND contact_id IN (
        SELECT contact_id
        FROM segment_changes FINAL
        WHERE account_id = {account_id:String} AND effective_day <= {to:Date32}
            AND ({any_origin:Bool} OR ifNull(segment_changes.origin, {nothing:String}) = {origin:String})
        GROUP BY contact_id
        HAVING if(argMaxIf(cause, seq, effective_day <= {from:Date32}) = {erasure:String}, {nothing:String},
                argMaxIf(to_segment, seq, effective_day <= {from:Date32})) IN {source_names:Array(String)}
            AND argMax(cause, seq) != {erasure:String}
            AND argMax(to_segment, seq) IN {target_names:Array(String)})
    AND ({from_start:Bool} OR (revenue_minor, contact_id) < ({number:Int64}, {contact_id:String}))
ORDER BY sort_number DESC, contact_id DESC
LIMIT {limit:UInt32}
