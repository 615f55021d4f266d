-- deliveries_csv: How deliveries stand as lines of a CSV file, the latest attempt first, made safe for spreadsheets.
WITH
    /*safe_cells*/,
    (at -> if(isNull(at), {nothing:String}, formatDateTime(assumeNotNull(at), {pattern:String}, {zone:String}))) AS moment
SELECT action_id, safe(contact_id), safe(automation_id), source, endpoint_id, state, outcome,
    ifNull(toString(status), {nothing:String}), tries, moment(toNullable(last_at)), moment(next_at), safe(detail)
FROM (
/*delivered*/
)
WHERE account_id = {account_id:String} AND ({any_state:Bool} OR state = {state:String})
ORDER BY last_at DESC, action_id DESC
