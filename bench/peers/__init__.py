"""The same routes written the usual way, with FastAPI and Mangum: what the bundle is measured against."""
