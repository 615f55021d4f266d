-- reached_by_silence: Contacts whose last purchase was so many days ago on a day of a span.
SELECT count() AS contacts
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND /*where*/
    AND (last_order_day BETWEEN {first:Date32} AND {last:Date32} OR contact_id IN (
        SELECT contact_id
        FROM contact_days FINAL
        WHERE account_id = {account_id:String} AND prev_day BETWEEN {first:Date32} AND {last:Date32}
            AND day > prev_day + {days:UInt32}))
