"""The least that each route can do: its third-party clients, its upstream calls, and nothing else."""
