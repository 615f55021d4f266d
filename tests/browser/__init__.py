"""The monitor in a real Chromium."""
