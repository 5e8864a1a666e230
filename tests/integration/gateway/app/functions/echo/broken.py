"""Cannot be imported."""

raise RuntimeError("not configured")
