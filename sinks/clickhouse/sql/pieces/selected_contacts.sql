-- The contacts of some segments, of an origin and a sentiment, whose id, name, e-mail or phone holds a text.
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND segment IN {segments:Array(String)}
    AND /*whose*/
    AND ({text:String} = {nothing:String} OR positionCaseInsensitiveUTF8(concatWithSeparator(char(10),
        contact_id, ifNull(personal_name, {nothing:String}), ifNull(personal_email, {nothing:String}),
        ifNull(personal_phone, {nothing:String})), {text:String}) > 0)
