-- sentiment_interactions: Interactions of some days by channel and sentiment; empty: unknown.
SELECT ifNull(channel, {nothing:String}) AS medium, sentiment, count() AS interactions
FROM contact_interactions FINAL
WHERE account_id = {account_id:String} AND day >= {first:Date32} AND day <= {last:Date32}
    AND /*contact_of_whose*/
GROUP BY medium, sentiment
