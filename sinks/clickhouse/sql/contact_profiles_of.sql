-- contact_profiles_of: The profiles of some contacts, as JSON objects.
SELECT contact_id, body
FROM contact_cards FINAL
WHERE account_id = {account_id:String} AND contact_id IN {contact_ids:Array(String)} AND part = {part:String}
SETTINGS max_threads = 1
