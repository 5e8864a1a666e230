"""What tests and benchmarks use alike, and the local stack does not."""
