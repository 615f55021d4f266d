-- contacts_ascending: A page of the contacts of some segments, sorted by a column, after a position.
/*sortable_contacts*/
/*selected_contacts*/
    AND ({from_start:Bool}
        OR (sort_number, sort_text, contact_id) > ({number:Int64}, {name_after:String}, {contact_id:String}))
ORDER BY sort_number ASC, sort_text ASC, contact_id ASC
LIMIT {limit:UInt32}
