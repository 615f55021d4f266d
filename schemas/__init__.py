"""Contracts between the parts: what travels on the topics, and how it is written."""
