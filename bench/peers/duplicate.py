"""POST /api/duplicate with FastAPI and Mangum."""

from typing import Annotated

from fastapi import Depends, FastAPI
from mangum import Mangum

from .service import Model, logger, redis, requires

app = FastAPI()


class DuplicateQuery(Model):
    """A voter and a campaign."""

    campaign_id: str
    voter_id: str


class DuplicateAnswer(Model):
    """Whether the voter is among the campaign's signers."""

    exists: bool


@app.post("/api/duplicate")
async def duplicate(query: DuplicateQuery, user: Annotated[str, Depends(requires("signers:check"))]) -> DuplicateAnswer:
    """One look-up in a Redis set."""
    exists = bool(await redis.sismember(f"campaign:{query.campaign_id}:signers", query.voter_id))
    logger.info("duplicate user=%s campaign=%s hits=%d", user, query.campaign_id, exists)
    return DuplicateAnswer(exists=exists)


handler = Mangum(app, lifespan="off")
