-- dump_contact_profiles: Every row of the account in contact_profiles, for comparison.
SELECT * EXCEPT (is_deleted)
FROM contact_profiles FINAL
WHERE account_id = {account_id:String}
