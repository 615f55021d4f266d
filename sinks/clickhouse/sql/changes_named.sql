-- changes_named: Segment changes by their ids.
SELECT event_id, from_segment, to_segment, cause
FROM segment_changes FINAL
WHERE account_id = {account_id:String} AND contact_id IN {contacts:Array(String)} AND event_id IN {events:Array(String)}
