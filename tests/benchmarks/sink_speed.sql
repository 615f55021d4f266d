-- Ten purchases each of {contacts} contacts of {account}, the same at every call.
INSERT INTO contact_profiles (account_id, contact_id, sequence, orders, revenue_minor, currency, r, f, m,
    segment, last_order_day, personal_name)
SELECT {account:String}, concat('contact-', toString(number)), number + 1, 10,
    cityHash64(number) % 1000000, 'USD', 1 + number % 5, 1 + number % 4, 1 + number % 3,
    ['champions', 'loyal', 'potential_loyalist', 'recent', 'promising', 'need_attention', 'about_to_sleep',
     'at_risk', 'cant_lose', 'hibernating', 'lost'][1 + cityHash64(number, 1) % 11],
    toDate32('2026-01-01') + number % 300, concat('Name ', toString(number))
FROM numbers({contacts:UInt64});

INSERT INTO contact_days (account_id, contact_id, sequence, day, prev_day, orders, revenue_minor)
WITH (n, j) -> toDate32('2021-12-01') + greatest(0,
    toInt32(cityHash64(n) % 180 + j * 170) - toInt32(cityHash64(n, j) % 150)) AS bought_on
SELECT {account:String}, concat('contact-', toString(n)), n * 10 + j + 1, bought_on(n, j),
    if(j = 0, NULL, bought_on(n, j - 1)), 1, cityHash64(n, j) % 30000
FROM (SELECT number % {contacts:UInt64} AS n, intDiv(number, {contacts:UInt64}) AS j
      FROM numbers({contacts:UInt64} * 10));

INSERT INTO contact_orders (account_id, contact_id, order_id, sequence, version, event_id, status, placed_at,
    total_minor, counted, net_minor, currency, items)
SELECT {account:String}, concat('contact-', toString(n)), concat('order-', toString(j)), n * 10 + j + 1, 1,
    'e', 'placed', toDateTime64('2021-12-01 12:00:00', 3, 'UTC') + toIntervalDay(j * 170),
    cityHash64(n, j) % 30000, true, cityHash64(n, j) % 30000, 'USD',
    [(concat('sku', toString(n % 100)), 'Article', 'Category', 1.0, toInt64(1000))]
FROM (SELECT number % {contacts:UInt64} AS n, intDiv(number, {contacts:UInt64}) AS j
      FROM numbers({contacts:UInt64} * 10));
