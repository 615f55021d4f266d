-- set_buyers: A page of the contacts that bought between two days, those who spent most there first.
SELECT contact_id, sum(orders) AS bought, sum(revenue_minor) AS sort_number, count() OVER () AS total
FROM contact_days FINAL
WHERE account_id = {account_id:String} AND day >= {first:Date32} AND day <= {last:Date32}
    AND /*contact_of_whose*/
GROUP BY contact_id
HAVING {from_start:Bool} OR (sort_number, contact_id) < ({number:Int64}, {contact_id:String})
/*richest_first*/
