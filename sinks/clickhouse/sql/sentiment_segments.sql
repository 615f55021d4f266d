-- sentiment_segments: Contacts by segment and sentiment; empty: without interactions.
SELECT segment, ifNull(sentiment, {nothing:String}) AS feeling, count() AS contacts
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND /*of_origin*/
GROUP BY segment, feeling
