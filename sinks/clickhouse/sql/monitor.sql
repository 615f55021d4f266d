-- monitor: Contacts, orders and revenue of the account by segment and origin, as of now.
SELECT segment, origin, count() AS contacts, sum(orders) AS orders, sum(revenue_minor) AS revenue_minor
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
GROUP BY segment, origin
