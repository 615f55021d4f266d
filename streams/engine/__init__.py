"""The engine: chunks of records through a pure fold, exactly once. It knows nothing of RFM."""
