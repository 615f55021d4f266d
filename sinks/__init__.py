"""Where results leave Kafka: the ClickHouse sink with its API. Never imports `streams`."""
