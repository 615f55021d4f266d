-- sentiment_interactions: Interactions of some days by channel and sentiment; empty: unknown.
SELECT ifNull(channel, {nothing:String}) AS medium, sentiment, count() AS interactions
FROM contact_interactions FINAL
WHERE account_id = {account_id:String} AND day >= {first:Date32} AND day <= {last:Date32}
    AND ({any_origin:Bool} OR contact_id IN (
        SELECT contact_id
        FROM contact_profiles FINAL
        WHERE account_id = {account_id:String} AND NOT removed AND ifNull(origin, {nothing:String}) = {origin:String}))
GROUP BY medium, sentiment
