-- dump_contact_profiles: Every row of the account in contact_profiles, for comparison; no text holds the two sums.
SELECT * EXCEPT (is_deleted, sentiment_sum, sentiment_weight)
FROM contact_profiles FINAL
WHERE account_id = {account_id:String}
