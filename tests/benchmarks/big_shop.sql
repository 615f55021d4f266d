-- Ten purchases each of {contacts} contacts of {account}, eight changes each, the same at every call.
INSERT INTO contact_profiles (account_id, contact_id, sequence, orders, revenue_minor, currency, r, f, m,
    segment, first_order_day, last_order_day, next_segment, next_segment_day, origin, sentiment, consent, personal_name,
    personal_email, personal_phone)
WITH (n, j) -> toDate32('2021-09-20') + greatest(0,
    toInt32(cityHash64(n) % 180 + j * 170) - toInt32(cityHash64(n, j) % 150)) AS bought_on
SELECT {account:String}, concat('contact-', toString(number)), number + 1, 10,
    arraySum(j -> cityHash64(number, j) % 30000, range(10)), 'USD', 1 + number % 5, 1 + number % 4,
    1 + number % 3,
    ['champions', 'loyal', 'potential_loyalist', 'recent', 'promising', 'need_attention', 'about_to_sleep',
     'at_risk', 'cant_lose', 'hibernating', 'lost'][1 + cityHash64(number, 1) % 11],
    bought_on(number, 0), bought_on(number, 9), 'lost', toDate32('2026-06-02') + number % 300,
    ['web', 'shop', 'fair', NULL][1 + number % 4],
    ['positive', 'neutral', 'negative', NULL][1 + cityHash64(number, 7) % 4], [('email', true, NULL)],
    concat('Name ', toString(number)), concat('n', toString(number), '@example.com'),
    concat('+5511', leftPad(toString(number), 9, '9'))
FROM numbers({contacts:UInt64});

INSERT INTO contact_days (account_id, contact_id, sequence, day, prev_day, orders, revenue_minor)
WITH (n, j) -> toDate32('2021-09-20') + greatest(0,
    toInt32(cityHash64(n) % 180 + j * 170) - toInt32(cityHash64(n, j) % 150)) AS bought_on
SELECT {account:String}, concat('contact-', toString(n)), n * 10 + j + 1, bought_on(n, j),
    if(j = 0, NULL, bought_on(n, j - 1)), 1, cityHash64(n, j) % 30000
FROM (SELECT number % {contacts:UInt64} AS n, intDiv(number, {contacts:UInt64}) AS j
      FROM numbers({contacts:UInt64} * 10));

INSERT INTO contact_orders (account_id, contact_id, order_id, sequence, version, event_id, status, placed_at,
    day, total_minor, counted, net_minor, currency, items)
WITH (n, j) -> toDate32('2021-09-20') + greatest(0,
    toInt32(cityHash64(n) % 180 + j * 170) - toInt32(cityHash64(n, j) % 150)) AS bought_on
SELECT {account:String}, concat('contact-', toString(n)), concat('order-', toString(j)), n * 10 + j + 1, 1,
    'e', 'placed', toDateTime64(bought_on(n, j), 3, 'UTC') + toIntervalHour(12), bought_on(n, j),
    cityHash64(n, j) % 30000, true, cityHash64(n, j) % 30000, 'USD',
    [(concat('sku', toString(n % 100)), 'Article', 'Category', 1.0, toInt64(1000))]
FROM (SELECT number % {contacts:UInt64} AS n, intDiv(number, {contacts:UInt64}) AS j
      FROM numbers({contacts:UInt64} * 10));

INSERT INTO segment_changes (event_id, account_id, contact_id, seq, record_offset, from_segment, to_segment,
    cause, why, effective_day, occurred_at, r, f, m, model_version, orders)
SELECT concat(toString(n), '|', toString(j)), {account:String}, concat('contact-', toString(n)), j + 1,
    n * 8 + j, ['champions', 'loyal', 'recent', 'lost'][1 + cityHash64(n, j) % 4],
    ['champions', 'loyal', 'recent', 'lost'][1 + cityHash64(n, j + 1) % 4], 'order', 'Bought again',
    toDate32('2022-01-01') + j * 190 + n % 180, toDateTime64('2022-01-01 12:00:00', 3, 'UTC')
    + toIntervalDay(j * 190 + n % 180), 5, 1 + j % 5, 3, 1, j + 1
FROM (SELECT number % {contacts:UInt64} AS n, intDiv(number, {contacts:UInt64}) AS j
      FROM numbers({contacts:UInt64} * 8));
