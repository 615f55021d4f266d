-- all_freshness: Up to which instant each partition is queryable; belongs to no account.
-- The scoring of texts comes after the data and holds nobody's up.
SELECT application, partition, max(data_up_to) AS data_up_to
FROM freshness
WHERE application != 'sentiment'
GROUP BY application, partition
ORDER BY application, partition
