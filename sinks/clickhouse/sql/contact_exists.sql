-- contact_exists: One row if there is such a contact.
SELECT contact_id
FROM contact_cards FINAL
WHERE account_id = {account_id:String} AND contact_id = {contact_id:String} AND part = {part:String}
SETTINGS max_threads = 1
