"""Made-up data, the same on every machine."""
