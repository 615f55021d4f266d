-- score_map: Contacts and revenue by scores, for contacts with purchases.
SELECT r, f, m, any(segment) AS segment, count() AS contacts, sum(revenue_minor) AS revenue
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND orders > 0
    AND /*whose*/
GROUP BY r, f, m
ORDER BY r, f, m
