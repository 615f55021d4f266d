"""The dispatcher's pure parts, and its guarded connections."""
