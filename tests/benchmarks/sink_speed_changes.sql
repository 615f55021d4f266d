-- Every {share}th contact changes, and so do some purchases of one day.
INSERT INTO contact_profiles
SELECT * REPLACE(sequence + {round:UInt64} * 100000000 AS sequence)
FROM contact_profiles FINAL
WHERE account_id = 'account0' AND cityHash64(contact_id, {round:UInt64}) % {share:UInt64} = 0;

INSERT INTO contact_days
SELECT * REPLACE(sequence + {round:UInt64} * 100000000 AS sequence)
FROM contact_days FINAL
WHERE account_id = 'account0' AND day = '2026-06-01' AND cityHash64(contact_id, {round:UInt64}) % 10 = 0;
