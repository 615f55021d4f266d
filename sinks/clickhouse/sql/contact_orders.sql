-- contact_orders: The orders of one contact, the latest first.
SELECT * EXCEPT (is_deleted)
FROM contact_orders FINAL
WHERE account_id = {account_id:String} AND contact_id = {contact_id:String}
ORDER BY placed_at DESC, order_id
LIMIT {limit:UInt32}
SETTINGS max_threads = 1
