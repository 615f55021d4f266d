-- rehearsal_talks: All interactions of one of so many contacts.
SELECT contact_id, interaction_id, toUnixTimestamp64Milli(assumeNotNull(occurred_at)) AS at_ms,
    toInt32(assumeNotNull(day)) AS took_place, sentiment
FROM contact_interactions FINAL
WHERE account_id = {account_id:String} AND occurred_at IS NOT NULL AND day IS NOT NULL
    AND /*one_of_many*/
