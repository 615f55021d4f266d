-- rule_members: A page of the contacts that match a rule, by id.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, first_order_day, last_order_day, origin,
    next_segment, next_segment_day, sentiment, tags, personal_name, personal_email, personal_phone
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND contact_id > {after:String} AND /*where*/
ORDER BY contact_id
LIMIT {limit:UInt32}
