-- Belongs to a contact of an origin and a sentiment; without either nobody is looked up.
({any_origin:Bool} AND {any_sentiment:Bool} OR contact_id IN (
    SELECT contact_id
    FROM contact_profiles FINAL
    WHERE account_id = {account_id:String} AND NOT removed
        AND /*whose*/))
