-- rule_count: How many contacts match a rule.
SELECT count() AS contacts
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND /*where*/
