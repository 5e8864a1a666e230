"""What the bundle costs, beside a floor and a peer: `make bench`."""
