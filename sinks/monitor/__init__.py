"""The Success Monitor: API and pages for Administrators and Operators."""
