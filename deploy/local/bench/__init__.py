"""`latido bench`: what Latido does on this machine, beside peers doing the same work on the same input."""
