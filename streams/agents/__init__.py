"""The agents: records in, the pure core, records out."""
