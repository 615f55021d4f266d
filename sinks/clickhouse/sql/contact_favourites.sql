-- contact_favourites: What one contact buys, by product and category, over its purchases.
SELECT item.1 AS sku, any(item.2) AS name, any(item.3) AS category, sum(item.4) AS quantity,
    sum(item.5) AS total_minor, uniqExact(order_id) AS orders
FROM contact_orders FINAL
ARRAY JOIN items AS item
WHERE account_id = {account_id:String} AND contact_id = {contact_id:String} AND counted
GROUP BY sku
ORDER BY total_minor DESC, sku
SETTINGS max_threads = 1
