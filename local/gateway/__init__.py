"""API Gateway and Lambda on one machine: the template's routes, and each function in processes of the real runtime.

config.py      its configuration
server.py      HTTP in, HTTP out; starts and stops everything
routing.py     which route answers · cors.py: CORS headers · events.py: HTTP <-> payload 2.0
pool.py        warm processes of a function · process.py: one of them · runtime.py: the API that it polls
queues.py      SQS batches to functions
template.py    what template.yaml says
"""

from local.gateway.config import Code, GatewayConfig
from local.gateway.errors import FunctionError, GatewayError, PortTaken, TemplateError, Throttled
from local.gateway.server import Gateway

__all__ = [
    "Code",
    "FunctionError",
    "Gateway",
    "GatewayConfig",
    "GatewayError",
    "PortTaken",
    "TemplateError",
    "Throttled",
]
