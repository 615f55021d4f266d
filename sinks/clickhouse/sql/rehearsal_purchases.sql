-- rehearsal_purchases: Orders since a day that count, of one of so many contacts.
-- The newest row of each order by sorting those of the sample: merging the whole table would take as long as all orders.
SELECT contact_id, order_id, toUnixTimestamp64Milli(assumeNotNull(placed_at)) AS at_ms, net_minor
FROM
(
    SELECT contact_id, order_id, placed_at, day, counted, net_minor, is_deleted
    FROM contact_orders
    WHERE account_id = {account_id:String} AND /*one_of_many*/
    ORDER BY contact_id, order_id, sequence DESC
    LIMIT 1 BY contact_id, order_id
)
WHERE NOT is_deleted AND counted AND day >= {from:Date32} AND placed_at IS NOT NULL
