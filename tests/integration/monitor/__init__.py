"""The monitor over real definitions."""
