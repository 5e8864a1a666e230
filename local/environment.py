"""The functions' environment variables on this machine."""

import os
from collections.abc import Mapping

from cryptography.fernet import Fernet

from local.services.aws import CREDENTIALS
from local.services.together import Services
from local.state import State

REVALIDATION = "next revalidate"  # the name of its secret in the state
# By their logical ids in the template.
QUEUES = {"ChartQueue": "CHART_QUEUE_URL", "SignersQueue": "SIGNERS_QUEUE_URL"}


def function_environment(state: State, services: Services, supabase_url: str = "") -> Mapping[str, str]:
    """Return the variables of every function. `supabase_url` is where browsers sign in; "" is the service itself."""
    directus, supabase = services.directus, services.supabase
    queues = {QUEUES[name]: url for name, url in services.aws.queues.items() if name in QUEUES}
    return {
        **CREDENTIALS,
        **queues,
        "AWS_ENDPOINT_URL": services.aws.url,
        "COOKIE_KEYS": state.secret("cookie key", lambda: Fernet.generate_key().decode()),
        # Without a licence, Directus cannot let a user write only some fields of a collection.
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
    """Return the variables for the Next.js app to tell of changed permissions, if FRONTEND is its route handler."""
    url = os.environ.get("FRONTEND")
    return {"NEXT_REVALIDATE_URL": url, "NEXT_REVALIDATE_SECRET": state.secret(REVALIDATION)} if url else {}
