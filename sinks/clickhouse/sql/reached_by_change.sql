-- reached_by_change: Contacts whose segment changes of a span would have begun a visit.
SELECT uniqExact(contact_id) AS contacts
FROM (
    SELECT contact_id, seq, occurred_at, effective_day, cause, from_segment, to_segment, to_segment AS segment,
        r, f, m, orders, revenue_minor, first_order_day, last_order_day, interactions, origin, next_segment,
        next_segment_day
    FROM segment_changes FINAL
    WHERE account_id = {account_id:String} AND NOT historical AND cause IN {causes:Array(String)}
        AND occurred_at >= fromUnixTimestamp64Milli({since_ms:Int64}) AND occurred_at < fromUnixTimestamp64Milli({until_ms:Int64})
        AND from_segment IN {from_segments:Array(String)} AND to_segment IN {to_segments:Array(String)}
) AS changed
LEFT JOIN (
    SELECT account_id, contact_id, sentiment, tags, consent, personal_name, personal_email, personal_phone,
        personal_document
    FROM contact_profiles FINAL
    WHERE account_id = {account_id:String} AND NOT removed
) AS known USING (contact_id)
WHERE account_id = {account_id:String} AND /*where*/
