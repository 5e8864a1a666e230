"""What template.yaml says about functions, routes, queues and schedules, as typed values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]  # stubs for one exception are not worth a dependency

from local.gateway.errors import TemplateError
from local.intrinsics import Resolver, parameter_values, parse_template, pseudo_parameters

type Properties = dict[str, Any]  # the template's own mappings: of any shape until read here

DEFAULT_ROUTE: Final = "$default"
_SCHEDULED: Final = {"Schedule", "ScheduleV2"}


@dataclass(frozen=True)
class Function:
    """A function. `timeout` is in seconds, `memory` in MB; `concurrency` is the most processes that it may have."""

    name: str
    root: Path
    handler: str
    timeout: float
    memory: int
    environment: Mapping[str, str]
    concurrency: int | None


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API. `method` may be ANY. `path` may hold `{name}` and end in `{name+}`, or be `$default`."""

    method: str
    path: str
    function: str

    @property
    def key(self) -> str:
        """The route key, as API Gateway writes it."""
        return self.path if self.path == DEFAULT_ROUTE else f"{self.method} {self.path}"


@dataclass(frozen=True)
class Cors:
    """The API's CORS configuration. `max_age` is in seconds."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None


@dataclass(frozen=True)
class QueueMapping:
    """An SQS event source. `queue` is a logical id."""

    queue: str
    function: str
    batch_size: int
    concurrency: int
    partial: bool


@dataclass(frozen=True)
class Schedule:
    """A schedule of a function. `expression` is EventBridge Scheduler's, such as `rate(5 minutes)`."""

    function: str
    expression: str
    is_enabled: bool


@dataclass(frozen=True)
class Template:
    """Everything that the gateway takes from a template. `schedules` are by name."""

    functions: Mapping[str, Function]
    routes: tuple[Route, ...]
    cors: Cors | None
    queues: tuple[QueueMapping, ...]
    schedules: Mapping[str, Schedule]


def load(path: Path, parameters: Mapping[str, str] | None = None, region: str = "us-east-1") -> Template:
    """Read a SAM template.

    A parameter that is not given takes its value from Local in the template's Metadata, or its default.

    Raises:
        TemplateError: it cannot be read.
    """
    document = _read(path)
    given = {**_section(_section(document.get("Metadata")).get("Local")), **(parameters or {})}
    names = pseudo_parameters(region) | parameter_values(document.get("Parameters") or {}, given)
    resolver = Resolver(names, document.get("Conditions") or {})
    resources: dict[str, Properties] = document["Resources"]
    common = _section(resolver.resolve(document.get("Globals", {})))
    properties = {name: _function_properties(resource, common, resolver) for name, resource in _functions(resources)}
    events = [(name, *event) for name, own in properties.items() for event in own.get("Events", {}).items()]
    return Template(
        functions={name: _function(name, own, path.parent) for name, own in properties.items()},
        routes=tuple(_route(name, event) for name, _, event in events if event["Type"] == "HttpApi"),
        cors=_cors(resources, common, resolver),
        queues=tuple(
            _queue(name, event, resources[name]["Properties"]["Events"][label])
            for name, label, event in events
            if event["Type"] == "SQS"
        ),
        schedules={
            label: _schedule(name, event)
            for name, label, event in events
            if event["Type"] in {"Schedule", "ScheduleV2"}
        },
    )


def _read(path: Path) -> Properties:
    try:
        document = parse_template(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise TemplateError(f"{path.name} cannot be read.") from error
    if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
        raise TemplateError(f"{path.name} has no Resources.")
    return document


def _functions(resources: dict[str, Properties]) -> Iterator[tuple[str, Properties]]:
    return ((name, item) for name, item in resources.items() if item.get("Type") == "AWS::Serverless::Function")


def _section(value: object) -> Properties:
    return value if isinstance(value, dict) else {}


def _function_properties(resource: Properties, common: Properties, resolver: Resolver) -> Properties:
    """Merge a function's properties into those of Globals as SAM does: variables one by one, the rest whole."""
    shared = _section(common.get("Function"))
    own = _section(resolver.resolve(resource.get("Properties", {})))
    variables = {**_variables(shared), **_variables(own)}
    return {**shared, **own, "Environment": {"Variables": variables}}


def _variables(properties: Properties) -> Properties:
    return _section(_section(properties.get("Environment")).get("Variables"))


def _function(name: str, properties: Properties, base: Path) -> Function:
    if "Handler" not in properties:
        raise TemplateError(f"The function {name} has no Handler.")
    concurrency = properties.get("ReservedConcurrentExecutions")
    return Function(
        name=name,
        root=(base / properties.get("CodeUri", ".")).resolve(),
        handler=properties["Handler"],
        timeout=float(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        environment={key: _text(value) for key, value in _variables(properties).items()},
        concurrency=None if concurrency is None else int(concurrency),
    )


def _text(value: object) -> str:
    """Return a variable's text: YAML's `true` reaches a function as "true"."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _route(function: str, event: Properties) -> Route:
    properties = _section(event.get("Properties"))
    method = str(properties.get("Method", "ANY")).upper()
    any_method = method in {"ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD"}
    return Route("ANY" if any_method else method, properties.get("Path", DEFAULT_ROUTE), function)


def _schedule(function: str, event: Properties) -> Schedule:
    properties = _section(event.get("Properties"))
    expression = properties.get("ScheduleExpression", properties.get("Schedule", ""))
    return Schedule(function, str(expression), is_enabled=properties.get("State", "ENABLED") == "ENABLED")


def _queue(function: str, event: Properties, source: Properties) -> QueueMapping:
    properties = event["Properties"]
    scaling = _section(properties.get("ScalingConfig"))
    return QueueMapping(
        queue=_logical_id(source["Properties"].get("Queue")),
        function=function,
        batch_size=int(properties.get("BatchSize", 10)),
        # Lambda starts with five pollers where no maximum is set.
        concurrency=int(scaling.get("MaximumConcurrency", 5)),
        partial="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
    )


def _logical_id(arn: object) -> str:
    match arn:
        case {"Fn::GetAtt": [str(name), *_]} | {"Fn::Sub": str(name)}:
            return name.removeprefix("${").split(".")[0]
        case _:
            raise TemplateError("An SQS event's Queue must be the Arn of a queue of the template.")


def _cors(resources: dict[str, Properties], common: Properties, resolver: Resolver) -> Cors | None:
    apis = [item for item in resources.values() if item.get("Type") == "AWS::Serverless::HttpApi"]
    own = _section(resolver.resolve(apis[0].get("Properties", {}))) if apis else {}
    configured = own.get("CorsConfiguration", _section(common.get("HttpApi")).get("CorsConfiguration"))
    if configured is True:
        return Cors(origins=("*",))
    if not configured:
        return None
    return Cors(
        origins=_texts(configured, "AllowOrigins"),
        methods=_texts(configured, "AllowMethods"),
        headers=_texts(configured, "AllowHeaders"),
        exposed=_texts(configured, "ExposeHeaders"),
        credentials=configured.get("AllowCredentials") in {True, "true"},
        max_age=None if configured.get("MaxAge") is None else int(configured["MaxAge"]),
    )


def _texts(section: Properties, key: str) -> tuple[str, ...]:
    """Return a flat list of texts. `- !Ref AListParameter` nests a list in another, which CloudFormation refuses."""
    value = section.get(key, [])
    flat = [item for part in value for item in (part if isinstance(part, list) else [part])]
    return tuple(str(item) for item in flat)
