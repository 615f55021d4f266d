-- contact_talks: What one contact said, the latest first.
SELECT interaction_id, occurred_at, day, channel, kind, stars, csat, nps, text, sentiment, sentiment_model
FROM contact_interactions FINAL
WHERE account_id = {account_id:String} AND contact_id = {contact_id:String}
ORDER BY occurred_at DESC, interaction_id DESC
LIMIT {limit:UInt32}
SETTINGS max_threads = 1
