"""The gateway's errors, as one tree.

GatewayError
├── TemplateError     the template cannot be read
├── PortTaken         another program listens on the port
├── Throttled         every process of a function stayed busy, or none may be started
└── FunctionError     an invocation failed
    ├── InitFailed        the handler cannot be imported, or took too long to
    ├── HandlerRaised     the handler raised
    ├── TimedOut          the function's timeout has passed
    ├── ProcessDied       the process ended without an answer
    └── MalformedResult   the result is not an answer: wrong shape, or over 6 MB

Messages hold no event, result or error text of a function: those are in the function's own log.
"""


class GatewayError(Exception):
    """Anything that the gateway raises."""


class TemplateError(GatewayError):
    """The template cannot be read, or names what it does not define."""


class PortTaken(GatewayError):
    """Another program listens on the port.

    Attributes:
        port: the port that was asked for.
    """

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken by another program.")
        self.port = port


class Throttled(GatewayError):
    """The function may not run more processes and none became free."""


class FunctionError(GatewayError):
    """An invocation failed. `function` is the logical id."""

    reason = "failed"

    def __init__(self, function: str) -> None:
        super().__init__(f"{function} {self.reason}")
        self.function = function


class InitFailed(FunctionError):
    """The handler could not be imported, or its import took more than 10 s."""

    reason = "could not be initialised"


class HandlerRaised(FunctionError):
    """The handler raised. Its process lives on, as on Lambda."""

    reason = "raised an error"


class TimedOut(FunctionError):
    """The function's timeout has passed, and its process has been killed."""

    reason = "timed out"


class ProcessDied(FunctionError):
    """The process ended without an answer."""

    reason = "exited before it answered"


class MalformedResult(FunctionError):
    """The result is not an answer: not of the format, or over Lambda's 6 MB."""

    reason = "returned something that is not an answer"
