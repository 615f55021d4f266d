-- set_moved: A page of the contacts that were in a segment at the end of a day and in one at another's.
WITH
    /*scoring*/
SELECT contact_id, revenue_minor AS sort_number, count() OVER () AS total
FROM
(
    /*standing_twice*/
)
WHERE from_segment = {source:UInt8} AND to_segment = {target:UInt8}
    AND ({from_start:Bool} OR (revenue_minor, contact_id) < ({number:Int64}, {contact_id:String}))
/*richest_first*/
