-- contacts_count: How many contacts some segments have, by origin and text.
SELECT count() AS contacts
/*selected_contacts*/
