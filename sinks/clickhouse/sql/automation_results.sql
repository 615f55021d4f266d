-- automation_results: What automations or sends decided on visits of a span, and what became of it.
SELECT automation_id, automation_version, arm, fate, why, count() AS actions, uniqExact(contact_id) AS contacts
FROM (
/*fates*/
)
WHERE account_id = {account_id:String}
GROUP BY automation_id, automation_version, arm, fate, why
ORDER BY automation_id, automation_version, arm, fate, why
