-- all_refusals: How many records the sink could not use, by topic and reason; belongs to no account.
SELECT topic, reason, count() AS records
FROM sink_refusals FINAL
GROUP BY topic, reason
ORDER BY topic, reason
