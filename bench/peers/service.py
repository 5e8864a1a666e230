"""What the peer's routes share, written the usual way: settings and clients at import, dependencies of FastAPI.

All of it is asynchronous: on Lambda that is the faster of the two ways, as a plain `def` goes through a thread pool.
"""

import logging
import os
from collections.abc import Awaitable, Callable
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from redis.asyncio import Redis

from supabase import AsyncClient

from .settings import setting

PERMISSION_SECONDS = 300

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
logging.getLogger("httpx").setLevel(logging.WARNING)
logger = logging.getLogger("peer")
redis = Redis.from_url(setting("REDIS_URL"), decode_responses=True)
supabase = AsyncClient(os.environ["SUPABASE_URL"], setting("SUPABASE_SECRET_KEY"))
secret = setting("SUPABASE_JWT_SECRET")


class Model(BaseModel):
    """A body: snake_case here, camelCase on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", validate_by_name=True, validate_by_alias=True)


class PermissionSet(BaseModel):
    """What a user may do, as the SQL function `permissions_snapshot` answers it."""

    model_config = ConfigDict(alias_generator=to_camel)

    user_id: str
    permissions: set[str]


async def user_id(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """Who calls."""
    try:
        claims = jwt.decode(credentials.credentials, secret, algorithms=["HS256"], audience="authenticated")
    except jwt.PyJWTError:
        raise HTTPException(401, "unauthenticated") from None
    subject: str = claims["sub"]
    return subject


type UserId = Annotated[str, Depends(user_id)]


def requires(permission: str) -> Callable[[str], Awaitable[str]]:
    """A dependency that lets in who holds the permission, and gives their id."""

    async def check_permission(user: UserId) -> str:
        if permission not in (await load_permissions(user)).permissions:
            raise HTTPException(403, "forbidden")
        return user

    return check_permission


async def load_permissions(user: str) -> PermissionSet:
    """The user's permissions, from the cache or from Supabase."""
    key = f"permissions-{user}"
    cached = await redis.get(key)
    if cached is not None:
        return PermissionSet.model_validate_json(str(cached))
    answer = await supabase.rpc("permissions_snapshot", {"user_id": user}).execute()
    loaded = PermissionSet.model_validate(answer.data)
    await redis.set(key, loaded.model_dump_json(by_alias=True), ex=PERMISSION_SECONDS)
    return loaded
