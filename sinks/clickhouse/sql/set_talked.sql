-- set_talked: A page of the contacts who said something between two days, those who said most first.
SELECT contact_id, count() AS bought, toInt64(count()) AS sort_number, count() OVER () AS total
FROM contact_interactions FINAL
WHERE account_id = {account_id:String} AND day >= {first:Date32} AND day <= {last:Date32}
    AND ({any_channel:Bool} OR ifNull(channel, {nothing:String}) = {channel:String})
    AND ({any_said:Bool} OR if({unrated:Bool}, isNull(contact_interactions.sentiment),
        ifNull(contact_interactions.sentiment = {said:Int8}, false)))
    AND /*contact_of_whose*/
GROUP BY contact_id
HAVING {from_start:Bool} OR (sort_number, contact_id) < ({number:Int64}, {contact_id:String})
/*richest_first*/
