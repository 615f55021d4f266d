"""Pages that need no figures; what shows figures stands beside them."""
