-- What sets a contact's arm: entries of an automation, and the arms of its splits, with where each came from.
SELECT account_id, contact_id, entered.due_at AS at, action_id, arm,
    if(arm = {treated:String}, ifNull(split_arm, {nothing:String}), {nothing:String}) AS taken,
    arrayJoin(multiIf(
        kind = {assigned:String}, [({split:String}, ifNull(split, {nothing:String}), {nothing:String})],
        moved.event_id = {nothing:String}, [({all:String}, {nothing:String}, {nothing:String})],
        [
            ({all:String}, {nothing:String}, {nothing:String}),
            ({transition:String}, toString(moved.from_segment), toString(moved.to_segment))
        ]
    )) AS part
FROM (
    SELECT account_id, contact_id, due_at, action_id, toString(arm) AS arm, toString(split) AS split,
        toString(split_arm) AS split_arm, kind, ifNull(cause_event_id, {nothing:String}) AS caused_by
    FROM automation_actions FINAL
    WHERE account_id = {account_id:String} AND automation_id = {automation_id:String} AND NOT test
        AND kind IN ({entered:String}, {assigned:String}) AND ({any_version:Bool} OR automation_version = {version:Int32})
        AND due_at >= fromUnixTimestamp64Milli({since_ms:Int64})
) AS entered
LEFT JOIN (
    SELECT event_id, from_segment, to_segment
    FROM segment_changes FINAL
    PREWHERE account_id = {account_id:String} AND contact_id IN (
        SELECT contact_id
        FROM automation_actions
        WHERE account_id = {account_id:String} AND automation_id = {automation_id:String}
    )
) AS moved ON moved.event_id = entered.caused_by
WHERE account_id = {account_id:String}
