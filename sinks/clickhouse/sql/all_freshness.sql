-- all_freshness: Up to which instant each partition is queryable; belongs to no account.
SELECT application, partition, max(data_up_to) AS data_up_to
FROM freshness
GROUP BY application, partition
ORDER BY application, partition
