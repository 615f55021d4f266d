-- contact_card: What the card of one contact shows: its profile, last change and orders, as JSON objects.
SELECT part, body
FROM contact_cards FINAL
WHERE account_id = {account_id:String} AND contact_id = {contact_id:String}
SETTINGS max_threads = 1
