-- audience_reach: How many contacts match, and how many of them have not agreed to each channel.
SELECT count() AS contacts,
    sumForEach(arrayMap(channel -> toUInt64(NOT has(arrayMap(c -> c.1, arrayFilter(c -> c.2, consent)), channel)),
        {channels:Array(String)})) AS without_consent
FROM contact_profiles FINAL
WHERE account_id = {account_id:String} AND NOT removed AND /*where*/
