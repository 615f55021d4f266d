-- dump_contact_days: Every row of the account in contact_days, for comparison.
SELECT * EXCEPT (is_deleted)
FROM contact_days FINAL
WHERE account_id = {account_id:String}
