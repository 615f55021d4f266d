-- What the card of a contact shows lies together, so that one short read finds it: its profile, its orders and
-- its last segment change, each a JSON object. Everything here comes from the tables that mirror the topics. Only
-- single contacts are looked up: compact parts open one file each, small granules decompress little.
CREATE TABLE contact_cards
(
    account_id String,
    contact_id String,
    part Enum8('profile' = 1, 'change' = 2, 'order' = 3),
    id String,
    sequence UInt64,
    is_deleted UInt8,
    body String CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(sequence, is_deleted)
ORDER BY (account_id, contact_id, part, id)
SETTINGS index_granularity = 128, min_bytes_for_wide_part = 1000000000000;

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_cards_of_profiles TO contact_cards AS
SELECT account_id, contact_id, 'profile' AS part, '' AS id, sequence, toUInt8(is_deleted OR removed) AS is_deleted,
    toJSONString(tuple(contact_id, first_order_day, last_order_day, orders, revenue_minor, r, f, m, segment,
        model_version, scored_day, boundary_day, next_segment, next_segment_day, interactions, sentiment,
        sentiment_mean, origin, tags, consent, personal_name, personal_email, personal_phone,
        personal_document)) AS body
FROM contact_profiles
SETTINGS enable_named_columns_in_function_tuple = 1, date_time_output_format = 'iso',
    output_format_json_quote_64bit_integers = 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_cards_of_changes TO contact_cards AS
SELECT account_id, contact_id, 'change' AS part, '' AS id, toUInt64(seq) AS sequence, 0 AS is_deleted,
    toJSONString(tuple(seq, from_segment, to_segment, cause, why, cause_order_id, effective_day, occurred_at,
        historical, r_before, f_before, m_before, r, f, m, model_version)) AS body
FROM segment_changes
SETTINGS enable_named_columns_in_function_tuple = 1, date_time_output_format = 'iso',
    output_format_json_quote_64bit_integers = 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS contact_cards_of_orders TO contact_cards AS
SELECT account_id, contact_id, 'order' AS part, order_id AS id, sequence, is_deleted,
    toJSONString(tuple(order_id, number, channel, status, placed_at, day, total_minor, refunded_minor, counted,
        net_minor, currency, items)) AS body
FROM contact_orders
SETTINGS enable_named_columns_in_function_tuple = 1, date_time_output_format = 'iso',
    output_format_json_quote_64bit_integers = 0;
