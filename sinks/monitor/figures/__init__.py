"""What computes the monitor's answers: one question, one read, one snapshot."""
