-- segments: Contacts of the account by segment, as of now.
SELECT segment, count() AS contacts
FROM contact_profiles FINAL
WHERE account_id = {account_id:String}
GROUP BY segment
