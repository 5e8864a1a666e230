"""Settings, secrets, and what a process makes at its start."""
