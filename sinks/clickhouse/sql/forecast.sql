-- forecast: How many contacts change segment on which day if they stay silent.
SELECT next_segment_day AS day, segment, next_segment, count() AS contacts, sum(revenue_minor) AS revenue
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND next_segment_day > {after:Date32} AND next_segment_day <= {until:Date32}
    AND /*whose*/
GROUP BY day, segment, next_segment
ORDER BY day, segment, next_segment
