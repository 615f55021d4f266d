"""How Latido is run: the local stack, containers, database definitions, alerts and dashboards."""
