"""One client for each service that the bundle uses."""
