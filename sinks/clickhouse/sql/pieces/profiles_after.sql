-- Contacts with what they have spent, after a position; conditions may follow.
SELECT contact_id, revenue_minor AS sort_number, count() OVER () AS total
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND ({from_start:Bool} OR (revenue_minor, contact_id) < ({number:Int64}, {contact_id:String}))
