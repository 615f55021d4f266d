"""Definitions: reading them in every process, and editing them."""
