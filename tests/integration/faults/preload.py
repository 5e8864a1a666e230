"""What every fork has from its start. Only the process that forks imports it."""

import gc
from importlib import import_module

from petition.upstream.deadline_transport import connections
from tests.integration.lambda_process import forget

FUNCTIONS = (
    "essearch.app",
    "essearch.common",
    "duplicate.app",
    "charts.app",
    "charts.refresh",
    "charts.worker",
    "permissions.app",
)
# What a function imports when it is needed: a fork that has it need not spend a second on it.
LATER = (
    "boto3",
    "botocore.config",
    "charts.parsing",
    "duplicate.lookup",
    "petition.clients.supabase",
    "petition.config.secret_stores",
)

for _name in (*FUNCTIONS, *LATER):
    import_module(_name)
forget()  # what importing them has made, without any settings
connections()  # none yet, but the certificates of all authorities
gc.freeze()  # memory that a collection in a fork does not touch is not copied for it
