-- set_felt_then: A page of the contacts of a segment and a sentiment at the end of a day.
WITH
    /*scoring*/,
    /*weight_of_day*/
SELECT contact_id, revenue_minor AS sort_number, count() OVER () AS total
FROM
(
    /*felt_then*/
)
WHERE segment_then = {segment:UInt8} AND feeling_then = {feeling:String}
    AND ({from_start:Bool} OR (revenue_minor, contact_id) < ({number:Int64}, {contact_id:String}))
/*richest_first*/
