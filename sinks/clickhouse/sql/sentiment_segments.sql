-- sentiment_segments: Contacts by segment and sentiment; empty: without interactions.
SELECT segment, ifNull(sentiment, {nothing:String}) AS feeling, count() AS contacts
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed
    AND ({any_origin:Bool} OR ifNull(origin, {nothing:String}) = {origin:String})
GROUP BY segment, feeling
