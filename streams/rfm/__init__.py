"""The meaning: RFM as pure functions of events and recorded time.

Imports only the standard library, reads no clock, logs nothing. Days are whole numbers since
1970-01-01, instants are milliseconds since then, money is minor units.
"""
