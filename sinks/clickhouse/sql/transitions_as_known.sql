-- transitions_as_known: Contacts by segment at the end of two days as the changes told it then.
SELECT from_segment, to_segment, erased, count() AS contacts
FROM
(
    SELECT argMaxIf(segment_changes.to_segment, seq, effective_day <= {from:Date32}) AS from_segment,
        argMax(segment_changes.to_segment, seq) AS to_segment,
        argMax(cause, seq) = {erasure:String} AS erased,
        countIf(cause = {erasure:String} AND effective_day <= {from:Date32}) > 0 AS erased_before
    FROM segment_changes FINAL
    WHERE account_id = {account_id:String} AND effective_day <= {to:Date32}
        AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
    GROUP BY contact_id
)
WHERE NOT erased_before
GROUP BY from_segment, to_segment, erased
