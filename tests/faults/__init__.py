"""Faults on a real broker: a nemesis that hurts processes, a fold to run under it, checkers of whole logs."""
