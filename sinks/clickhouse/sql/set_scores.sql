-- set_scores: A page of the contacts with these three scores, those who have spent most first.
/*profiles_after*/
    AND orders > 0 AND r = {r:UInt8} AND f = {f:UInt8} AND m = {m:UInt8}
    AND /*whose*/
/*richest_first*/
