"""What tests and benchmarks share, and the local stack does not use."""
