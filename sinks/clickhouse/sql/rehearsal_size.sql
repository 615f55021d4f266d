-- rehearsal_size: About how much a rehearsal of all contacts would live through: contacts, orders since a day, interactions.
SELECT
    (SELECT count() FROM contact_profiles FINAL
        WHERE account_id = {account_id:String} AND NOT removed) AS contacts,
    (SELECT sum(orders) FROM contact_days FINAL
        WHERE account_id = {account_id:String} AND day >= {from:Date32}) AS purchases,
    (SELECT count() FROM contact_interactions
        WHERE account_id = {account_id:String} AND NOT is_deleted) AS talks
