"""Other frameworks doing Latido's work: per contact its orders by id, totals, scores, segment changes.

Each runs as a process of its own: `PEER BOOTSTRAP INPUT OUTPUT DIRECTORY`. What they leave out of what Latido
does (days, forecasts, causes in words, dead letters, time that passes, the recorded clock) makes them faster.
"""
