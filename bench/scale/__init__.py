"""A national collection day, simulated with the service times that `make bench` has measured: see docs/scale.md."""
