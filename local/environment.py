"""What the functions find in their environment on this machine."""

import os
from collections.abc import Mapping

from cryptography.fernet import Fernet

from local.services.aws import CREDENTIALS
from local.services.together import Services
from local.state import State

REVALIDATION = "next revalidate"  # under which its secret is kept
# By their logical ids in the template.
QUEUES = {"ChartQueue": "CHART_QUEUE_URL", "SignersQueue": "SIGNERS_QUEUE_URL"}


def function_environment(state: State, services: Services, supabase_url: str = "") -> Mapping[str, str]:
    """The variables of every function; `supabase_url` is where browsers sign in, if that is not the service itself."""
    directus, supabase = services.directus, services.supabase
    queues = {QUEUES[name]: url for name, url in services.aws.queues.items() if name in QUEUES}
    return {
        **CREDENTIALS,
        **queues,
        "AWS_ENDPOINT_URL": services.aws.url,
        "COOKIE_KEYS": state.secret("cookie key", lambda: Fernet.generate_key().decode()),
        # Without a licence, Directus has no user who may write some fields of a collection and not the others.
        "DIRECTUS_API_EMAIL_KEYS": directus.admin.email,
        "DIRECTUS_API_PASSWORD_KEYS": directus.admin.password,
        "DIRECTUS_API_EMAIL_SEARCH": directus.search.email,
        "DIRECTUS_API_PASSWORD_SEARCH": directus.search.password,
        "DIRECTUS_URL_SEARCH": directus.url,
        "POWERTOOLS_SERVICE_NAME": "petition",  # on AWS, the stack's name
        "REDIS_URL": services.valkey.url,
        "SUPABASE_JWT_SECRET": supabase.keys.jwt_secret,
        "SUPABASE_SECRET_KEY": supabase.keys.secret,
        "SUPABASE_URL": supabase_url or supabase.url,
        **_frontend(state),
    }


def _frontend(state: State) -> Mapping[str, str]:
    """The Next.js app that is told of changed permissions; FRONTEND is the address of its route handler."""
    url = os.environ.get("FRONTEND")
    return {"NEXT_REVALIDATE_URL": url, "NEXT_REVALIDATE_SECRET": state.secret(REVALIDATION)} if url else {}
