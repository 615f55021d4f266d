"""The dispatcher against a real broker and real receivers."""
