-- names_of: Names and segments of some contacts.
SELECT contact_id, personal_name, segment
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND contact_id IN {contacts:Array(String)}
