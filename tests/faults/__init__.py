"""Faults on a real broker: a nemesis that hurts processes, folds to run under it, checkers that read the whole log."""
