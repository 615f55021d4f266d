-- dump_contact_interactions: Every row of the account in contact_interactions, for comparison.
SELECT * EXCEPT (is_deleted)
FROM contact_interactions FINAL
WHERE account_id = {account_id:String}
