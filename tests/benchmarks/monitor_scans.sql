-- monitor
SELECT silent < 30 AS r, purchases > 3 AS f, spent > 100000 AS m, count() AS contacts, sum(purchases) AS orders,
    sum(spent) AS revenue
FROM
(
    SELECT contact_id, count() AS purchases, sum(net_minor) AS spent,
        dateDiff('day', max(day), {to:Date32}) AS silent
    FROM contact_orders FINAL
    WHERE account_id = {account_id:String} AND counted
    GROUP BY contact_id
)
GROUP BY r, f, m;

-- sales, 90 days
SELECT countIf(within > 0) AS buyers, sum(within) AS orders, sum(spent) AS revenue,
    avgIf(silent, within > 0) AS recency, avg(silent) AS recency_all
FROM
(
    SELECT contact_id, countIf(day >= {from:Date32}) AS within, sumIf(net_minor, day >= {from:Date32}) AS spent,
        dateDiff('day', max(day), {to:Date32}) AS silent
    FROM contact_orders FINAL
    WHERE account_id = {account_id:String} AND counted AND day <= {to:Date32}
    GROUP BY contact_id
);

-- contact card
SELECT *
FROM contact_orders FINAL
WHERE account_id = {account_id:String} AND materialize(contact_id) = {contact_id:String};

-- first page of a group
SELECT contact_id, count() AS orders, sum(net_minor) AS revenue, max(day) AS last_day
FROM contact_orders FINAL
WHERE account_id = {account_id:String} AND counted
GROUP BY contact_id
HAVING last_day >= {from:Date32} AND orders > 3
ORDER BY revenue DESC
LIMIT 50;
