-- rehearsal_purchases: Orders since a day that count, of one of so many contacts.
SELECT contact_id, order_id, toUnixTimestamp64Milli(assumeNotNull(placed_at)) AS at_ms, net_minor
FROM contact_orders FINAL
WHERE account_id = {account_id:String} AND counted AND day >= {from:Date32} AND placed_at IS NOT NULL
    AND /*one_of_many*/
