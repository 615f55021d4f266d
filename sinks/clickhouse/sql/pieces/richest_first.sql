-- A page of contacts by a number, the largest first.
ORDER BY sort_number DESC, contact_id DESC
LIMIT {limit:UInt32}
