"""One module a service: how it is started, when it is ready, what it holds at first."""
