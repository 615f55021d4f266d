-- rehearsal_talks: All interactions of one of so many contacts; the newest row of each as for their orders.
SELECT contact_id, interaction_id, toUnixTimestamp64Milli(assumeNotNull(occurred_at)) AS at_ms,
    toInt32(assumeNotNull(day)) AS took_place, sentiment
FROM
(
    SELECT contact_id, interaction_id, occurred_at, day, sentiment, is_deleted
    FROM contact_interactions
    WHERE account_id = {account_id:String} AND /*one_of_many*/
    ORDER BY contact_id, interaction_id, sequence DESC
    LIMIT 1 BY contact_id, interaction_id
)
WHERE NOT is_deleted AND occurred_at IS NOT NULL AND day IS NOT NULL
