-- monitor: Contacts, orders and revenue by segment, origin and sentiment as of now; small origins as one: other.
SELECT segment, if(other, NULL, origin) AS named, place > {most:UInt32} AND named_at_all AS other, sentiment,
    sum(of_cell) AS contacts, sum(orders_of_cell) AS orders, sum(revenue_of_cell) AS revenue_minor
FROM
(
    SELECT *, dense_rank() OVER (PARTITION BY named_at_all ORDER BY of_origin DESC, origin) AS place
    FROM
    (
        SELECT *, ifNull(origin, {nothing:String}) != {nothing:String} AS named_at_all,
            sum(of_cell) OVER (PARTITION BY origin) AS of_origin
        FROM
        (
            SELECT segment, origin, sentiment, count() AS of_cell, sum(orders) AS orders_of_cell,
                sum(revenue_minor) AS revenue_of_cell
            FROM contact_profiles FINAL
            WHERE account_id = {account_id:String} AND NOT removed AND /*of_origin*/
            GROUP BY segment, origin, sentiment
        )
    )
)
GROUP BY segment, named, other, sentiment
