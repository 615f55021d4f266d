"""Output topics into ClickHouse: batched, idempotent, offsets committed after the insert."""
