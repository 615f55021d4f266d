"""What the pages load, and how it is built."""
