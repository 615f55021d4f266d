-- Scores and segment (its number, 0 without purchases) of a contact under a model.
(age -> 5 - ({recency_cuts:Array(Int64)}[1] < age) - ({recency_cuts:Array(Int64)}[2] < age)
    - ({recency_cuts:Array(Int64)}[3] < age) - ({recency_cuts:Array(Int64)}[4] < age)) AS r_of,
(n -> 1 + ({frequency_cuts:Array(Int64)}[1] < n) + ({frequency_cuts:Array(Int64)}[2] < n)
    + ({frequency_cuts:Array(Int64)}[3] < n) + ({frequency_cuts:Array(Int64)}[4] < n)) AS f_of,
((n, v) -> 1 + ({value_cuts:Array(Int64)}[1] * if({by_sum:Bool}, 1, n) < v)
    + ({value_cuts:Array(Int64)}[2] * if({by_sum:Bool}, 1, n) < v)
    + ({value_cuts:Array(Int64)}[3] * if({by_sum:Bool}, 1, n) < v)
    + ({value_cuts:Array(Int64)}[4] * if({by_sum:Bool}, 1, n) < v)) AS m_of,
((age, n, weighted, v) -> if(n > 0,
    {cells:Array(UInt8)}[(r_of(age) - 1) * 25 + (f_of(weighted) - 1) * 5 + m_of(n, v)], 0)) AS segment_of
