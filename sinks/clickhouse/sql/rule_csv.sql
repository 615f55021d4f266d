-- rule_csv: The contacts that match a rule as lines of a CSV file, made safe for spreadsheets.
/*report_columns*/
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND /*where*/
