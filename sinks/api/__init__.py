"""HTTP interface of the process that owns the database."""
