-- sentiment_segments_then: Contacts by segment and sentiment at the end of a day; empty: nothing rated was heard.
WITH
    /*scoring*/,
    /*weight_of_day*/
SELECT segment_then, feeling_then, count() AS contacts
FROM
(
    /*felt_then*/
)
GROUP BY segment_then, feeling_then
