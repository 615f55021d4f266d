-- set_moved_as_known: The same page, by the changes as they were told; an empty source is new.
/*profiles_after*/
    AND /*of_sentiment*/
    AND contact_id IN (
        SELECT contact_id
        FROM segment_changes FINAL
        WHERE account_id = {account_id:String} AND effective_day <= {to:Date32}
            AND /*of_origin*/
        GROUP BY contact_id
        HAVING if(argMaxIf(cause, seq, effective_day <= {from:Date32}) = {erasure:String}, {nothing:String},
                argMaxIf(to_segment, seq, effective_day <= {from:Date32})) = {source_name:String}
            AND argMax(cause, seq) != {erasure:String}
            AND argMax(to_segment, seq) = {target_name:String})
/*richest_first*/
