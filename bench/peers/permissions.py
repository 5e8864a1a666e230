"""POST /api/permissions/revalidate with FastAPI and Mangum."""

from fastapi import FastAPI
from mangum import Mangum

from .service import Model, UserId, logger, redis

app = FastAPI()


class Revalidated(Model):
    """What was dropped."""

    ok: bool = True
    revalidated: bool = True
    tag: str


@app.post("/api/permissions/revalidate")
async def revalidate(user: UserId) -> Revalidated:
    """Drop the caller's cached permission set."""
    tag = f"permissions-{user}"
    await redis.delete(tag)
    logger.info("revalidate user=%s", user)
    return Revalidated(tag=tag)


handler = Mangum(app, lifespan="off")
