"""The whole stack on one machine without containers: broker, registry, supervised processes."""
