-- contact_card: The profile of one contact.
SELECT * EXCEPT (is_deleted)
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND contact_id = {contact_id:String}
SETTINGS max_threads = 1
