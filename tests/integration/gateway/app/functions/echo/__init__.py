"""Functions of the gateway's tests."""
