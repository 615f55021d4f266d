-- transitions: Contacts by segment at the end of two days, restated from their purchases; 0: none by then.
WITH
    /*scoring*/
SELECT from_segment, to_segment, count() AS contacts
FROM
(
    /*standing_twice*/
)
GROUP BY from_segment, to_segment
