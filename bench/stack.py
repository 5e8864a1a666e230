"""What the measured programs talk to: the local stack's services, with an organizer signed in."""

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from local import signers
from local.demo import campaign, charts, signatures
from local.demo.voters import voters
from local.environment import function_environment
from local.gateway import Gateway, GatewayConfig
from local.project import sign_in
from local.services.together import Services, services
from local.state import ROOT, State

STATE: Final = ROOT / "build" / "bench" / "stack"
# Longer than the whole measurement: a permission set that expires in the middle would be loaded by an unlucky call.
PERMISSION_SECONDS: Final = "86400"


@dataclass(frozen=True)
class BenchStack:
    """The running services, and a request's ingredients.

    Attributes:
        environment: for a function's process, without what the template says.
        criteria: of a search that finds a few persons.
        token: an access token of the organizer.
    """

    environment: Mapping[str, str]
    token: str
    user_id: str
    campaign_id: str
    signed_voter_id: str
    chart_id: str
    criteria: Mapping[str, JsonValue]


@asynccontextmanager
async def run_stack() -> AsyncIterator[BenchStack]:
    """Run the services for the length of a block."""
    state = State(STATE)
    with state.lock():
        async with services(state, ROOT / "template.yaml", _say) as parts:
            environment = _environment(state, parts)
            async with Gateway(_gateway(environment)) as gateway:
                await signers.build_set(gateway, campaign.CAMPAIGN_ID)
            organizer = parts.supabase.users["organizer"]
            yield BenchStack(
                environment=environment,
                token=_token(parts),
                user_id=organizer.id,
                campaign_id=campaign.CAMPAIGN_ID,
                signed_voter_id=signatures.signers()[0],
                chart_id=str(charts.chart_id(campaign.CAMPAIGN_ID, next(iter(charts.DEFINITIONS)))),
                criteria=_criteria(),
            )


@asynccontextmanager
async def run_gateway(stack: BenchStack) -> AsyncIterator[str]:
    """Serve the routes for the length of a block; where they answer."""
    async with Gateway(_gateway(stack.environment)) as gateway:
        yield gateway.url


def _say(service: str, step: str) -> None:
    print(f"{service}: {step}", file=sys.stderr)


def _environment(state: State, parts: Services) -> Mapping[str, str]:
    return {
        **function_environment(state, parts),
        "PERMISSIONS_TTL_SECONDS": PERMISSION_SECONDS,
    }


def _gateway(environment: Mapping[str, str]) -> GatewayConfig:
    template, layers = ROOT / "template.yaml", [ROOT / "layers" / "shared"]
    return GatewayConfig(template=template, layers=layers, environment={"*": environment})


def _token(parts: Services) -> str:
    supabase, account = parts.supabase, parts.supabase.users["organizer"].account
    return sign_in(supabase.url, supabase.keys.publishable, account.email, account.password)[1]


def _criteria() -> Mapping[str, JsonValue]:
    """As a clipboard sends it after a few letters: persons of one city by the start of their name."""
    somebody = voters()[0]
    return {"lastName": somebody.last_name[:3], "city": somebody.city}
