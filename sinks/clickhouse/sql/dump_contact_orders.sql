-- dump_contact_orders: Every row of the account in contact_orders, for comparison.
SELECT * EXCEPT (is_deleted)
FROM contact_orders FINAL
WHERE account_id = {account_id:String}
