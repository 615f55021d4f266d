"""Segmentation rules in ClickHouse: who matches as of now, counted, listed, as a file."""
