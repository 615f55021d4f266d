-- segment_contacts: The contacts of some segments with the highest revenue.
SELECT contact_id, segment, r, f, m, orders, revenue_minor, last_order_day, personal_name
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND segment IN {segments:Array(String)}
ORDER BY revenue_minor DESC, contact_id
LIMIT {limit:UInt32}
