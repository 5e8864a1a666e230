"""The variables of a function's process: Lambda's, the template's and the caller's, but few of the developer's.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

import os
from collections.abc import Mapping
from typing import Final

from local.gateway.config import Code, GatewayConfig
from local.gateway.template import Function

# What a program needs of its machine. With anything else, "works here" would mean nothing.
_INHERITED: Final = (
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    "TMPDIR",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
)


def function_environment(function: Function, code: Code, config: GatewayConfig, runtime_api: str) -> dict[str, str]:
    """Return the whole environment of a process. What Lambda reserves cannot be overridden."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    given = {**config.environment.get("*", {}), **config.environment.get(function.name, {})}
    return {
        **inherited,
        "TZ": ":UTC",
        **function.environment,
        **given,
        **_reserved_variables(function, code, config.region, runtime_api),
    }


def _reserved_variables(function: Function, code: Code, region: str, runtime_api: str) -> Mapping[str, str]:
    return {
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"local/[$LATEST]{runtime_api.rpartition(':')[2]}",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": region,
        "LAMBDA_TASK_ROOT": str(code.root),
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in code.folders),
        "_HANDLER": function.handler,
    }
