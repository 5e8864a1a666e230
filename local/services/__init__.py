"""One module for each service: how it starts, when it is ready, and what it holds at first."""
