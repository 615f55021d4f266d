-- audience_sample: One contact that matches, rather one that has agreed to a channel and has a name.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, origin, next_segment, next_segment_day,
    sentiment, personal_name, personal_email, personal_phone
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND /*where*/
ORDER BY has(arrayMap(c -> c.1, arrayFilter(c -> c.2, consent)), {channel:String}) DESC, isNull(personal_name), contact_id
LIMIT 1
