-- transitions_as_known: Contacts by segment at the end of two days as the changes told it then; or only the erased.
SELECT if(erased_then, {nothing:String}, segment_then) AS from_segment, segment_now AS to_segment,
    erased_now AS erased, count() AS contacts
FROM
(
    SELECT argMaxIf(segment_changes.to_segment, seq, effective_day <= {from:Date32}) AS segment_then,
        argMaxIf(cause, seq, effective_day <= {from:Date32}) = {erasure:String} AS erased_then,
        argMax(segment_changes.to_segment, seq) AS segment_now,
        argMax(cause, seq) = {erasure:String} AS erased_now
    FROM segment_changes FINAL
    WHERE account_id = {account_id:String} AND effective_day <= {to:Date32}
        AND ({everybody:Bool} OR contact_id IN (
            SELECT contact_id
            FROM segment_changes
            WHERE account_id = {account_id:String} AND cause = {erasure:String}))
        AND /*of_origin*/
        AND ({any_sentiment:Bool} OR contact_id IN (
            SELECT contact_id
            FROM contact_profiles FINAL
            WHERE account_id = {account_id:String} AND NOT removed AND /*of_sentiment*/))
    GROUP BY contact_id
)
WHERE NOT (erased AND from_segment = {nothing:String})
GROUP BY from_segment, to_segment, erased
