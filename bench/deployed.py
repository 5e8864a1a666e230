"""Cold starts as they are deployed: secrets referred to as in the template, and boto3 beside the layer as in Lambda.

There are two callers: a returning one, whose permissions are cached and whose browser carries Directus's token, and the
first visitor of the morning, who has neither.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import boto3
from redis import Redis

from bench.artefacts import Artefacts
from bench.children import BenchError, run_child
from bench.cold import measure_cold_starts
from bench.report import Limit, Row
from bench.routes import Route, event
from bench.slow_aws import slow_aws
from bench.stack import BenchStack
from bench.variants import OUTPUT, Name, Variant
from local.gateway.template import load
from local.services.aws import CREDENTIALS
from local.state import ROOT

REFERENCE: Final = "secretsmanager:"
# The stack signs sessions with a shared secret, which a deployment has where this is set.
PARAMETERS: Final = {"SupabaseSharedSecret": "true"}
# Directus waits so long before it answers a login, whoever asks.
LOGIN_STALL_MS: Final = 500
SEARCHES: Final = ("/api/essearch", "/api/essearch-common")
TO_PLAIN, TO_PEER_RETURNING, TO_PEER_FIRST = 1.3, 0.4, 0.5

type Start = Literal["ours", "ours, plain", "floor", "peer"]


@dataclass(frozen=True)
class Deployment:
    """A route's programs in the environment of the template."""

    route: Route
    stack: BenchStack
    build: Artefacts
    programs: Mapping[Name, Variant]
    references: Mapping[str, str]
    aws_url: str

    def starts(self, *, bytecode: bool) -> dict[Start, Variant]:
        """What is started in turns, with boto3's bytecode or without."""
        boto = self.build.boto3 if bytecode else self.build.boto3_sources
        return {
            "ours": self._deployed_variant("ours", boto),
            "ours, plain": self.programs["ours"],
            "floor": self.programs["floor"],
            "peer": self._deployed_variant("peer", boto),
        }

    def _deployed_variant(self, name: Name, boto: Path) -> Variant:
        plain = self.programs[name]
        # A function that Lambda starts reads its settings before the first request.
        environment = {
            **plain.environment,
            **self.references,
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1",
        }
        return replace(plain, folders=(*plain.folders, boto), environment=environment)


def deployed_rows(
    route: Route, stack: BenchStack, build: Artefacts, programs: Mapping[Name, Variant], rounds: int
) -> Iterator[Row]:
    """Measure a route's cold starts; the lines of the table.

    Raises:
        BenchError: a program does not answer, or ours has imported boto3.
    """
    with deployment_of(route, stack, build, programs) as deployment:
        _check_imports(deployment.starts(bytecode=True)["ours"])
        for bytecode in (True, False):
            yield _returning_row(deployment, rounds, bytecode=bytecode)
        yield _first_visitor_row(deployment, rounds)


@contextmanager
def deployment_of(
    route: Route, stack: BenchStack, build: Artefacts, programs: Mapping[Name, Variant]
) -> Iterator[Deployment]:
    """A route's deployment for the length of a block, with its secrets stored."""
    functions = load(ROOT / "template.yaml", PARAMETERS).functions.values()
    environment = next(function.environment for function in functions if function.handler == route.handler)
    references = {name: value for name, value in environment.items() if value.startswith(REFERENCE)}
    _store(references, stack)
    with slow_aws(stack.environment["AWS_ENDPOINT_URL"]) as url:
        yield Deployment(route, stack, build, programs, references, url)


def _store(references: Mapping[str, str], stack: BenchStack) -> None:
    """Put what the stack uses where the template refers to it."""
    secrets: dict[str, dict[str, str]] = {}
    for variable, reference in references.items():
        name, _, key = reference.removeprefix(REFERENCE).partition("#")
        secrets.setdefault(name, {})[key] = stack.environment[variable]
    key_id, key = CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"]
    client = boto3.client(
        "secretsmanager",
        endpoint_url=stack.environment["AWS_ENDPOINT_URL"],
        region_name=CREDENTIALS["AWS_DEFAULT_REGION"],
        aws_access_key_id=key_id,
        aws_secret_access_key=key,
    )
    for name, content in secrets.items():
        text = json.dumps(content)
        try:
            client.create_secret(Name=name, SecretString=text)
        except client.exceptions.ResourceExistsException:
            client.put_secret_value(SecretId=name, SecretString=text)


def _check_imports(ours: Variant) -> None:
    with run_child(ours, "modules") as child:
        modules = child.line()["modules"]
    # powertools looks into botocore's top module wherever there is one: less than a millisecond
    if found := {name for name in modules if name.startswith(("boto3", "botocore."))}:
        message = f"{ours.handler} has imported {', '.join(sorted(found)[:5])}"
        raise BenchError(message)


def _returning_row(deployment: Deployment, rounds: int, *, bytecode: bool) -> Row:
    ms = measure_cold_starts(deployment.starts(bytecode=bytecode), rounds)
    to_plain, to_peer = ms["ours"] / ms["ours, plain"], ms["ours"] / ms["peer"]
    limits = [Limit(to_plain, TO_PLAIN, "x plain"), Limit(to_peer, TO_PEER_RETURNING, "x peer")]
    name = "cold, as deployed, returning" + ("" if bytecode else ", boto3 without bytecode")
    return _row(name, deployment.route, ms, limits)


def _first_visitor_row(deployment: Deployment, rounds: int) -> Row:
    path = deployment.route.path
    starts = {name: _without_cookies(each, deployment) for name, each in deployment.starts(bytecode=True).items()}
    with Redis.from_url(deployment.stack.environment["REDIS_URL"]) as redis:
        key = f"permissions-{deployment.stack.user_id}"
        ms = measure_cold_starts(starts, rounds, before=lambda: redis.delete(key))
        redis.delete(key)
    with run_child(starts["ours"], "first_answer") as child:
        child.line()  # caches the permissions again, for as long as the measurement takes
    stall = LOGIN_STALL_MS if path in SEARCHES else 0
    ms = {name: taken - (0 if name == "floor" else stall) for name, taken in ms.items()}
    name = "cold, as deployed, first visitor" + (f", without Directus's own {stall} ms" if stall else "")
    to_peer = ms["ours"] / ms["peer"]
    return _row(name, deployment.route, ms, [Limit(to_peer, TO_PEER_FIRST, "x peer")])


def _without_cookies(variant: Variant, deployment: Deployment) -> Variant:
    path = OUTPUT / f"{variant.event.stem}.first.json"
    path.write_text(json.dumps(event(deployment.route, deployment.stack)))
    # the floor makes the round trips of a caller who returns
    return variant if variant.name == "floor" else replace(variant, event=path)


def _row(name: str, route: Route, ms: Mapping[Start, float], limits: list[Limit]) -> Row:
    return Row(
        name,
        route.path,
        f"{ms['ours']:,.0f} ms",
        f"{ms['floor']:,.0f} ms",
        f"{ms['peer']:,.0f} ms",
        to_floor=ms["ours"] / ms["floor"],
        to_peer=ms["ours"] / ms["peer"],
        limits=limits,
    )
