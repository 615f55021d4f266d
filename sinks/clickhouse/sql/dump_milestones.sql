-- dump_milestones: Every row of the account in milestones, for comparison.
SELECT *
FROM milestones FINAL
WHERE account_id = {account_id:String}
