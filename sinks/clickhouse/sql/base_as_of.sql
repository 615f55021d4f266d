-- base_as_of: Contacts, orders and revenue by segment at the end of a day, restated from purchases.
WITH
    /*scoring*/
SELECT to_segment AS segment, count() AS contacts, sum(orders_then) AS purchases, sum(revenue_then) AS revenue
FROM
(
    /*standing_twice*/
)
GROUP BY segment
