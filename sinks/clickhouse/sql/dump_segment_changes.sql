-- dump_segment_changes: Every row of the account in segment_changes, for comparison.
SELECT *
FROM segment_changes FINAL
WHERE account_id = {account_id:String}
