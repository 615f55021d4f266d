"""Ways in for those who do not publish to Kafka themselves."""
