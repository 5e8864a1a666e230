"""The whole stack: the services, the gateway in front of the functions, and the file that describes them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from local.demo import campaign, charts
from local.demo.voters import Voter, voters
from local.description import Address, Campaign, Chart, Description, DirectusAccess, SupabaseAccess, UserAccess, Users
from local.environment import function_environment
from local.gateway import Gateway, GatewayConfig
from local.services.aws import REGION
from local.services.supabase_content import User
from local.services.together import Progress, Services, services
from local.services.valkey import add_members
from local.state import HOST, ROOT, State, write_atomically


@dataclass(frozen=True)
class Options:
    """What may differ between two stacks.

    Attributes:
        state: where it keeps its data; two stacks need two.
        port: of the API; 0 for a free one.
        template: the SAM template, or the one that a build has made of it.
        layers: folders of packages that every function gets.
        python: the interpreter of the functions; it must find `awslambdaric`.
    """

    state: State
    port: int = 0
    template: Path = ROOT / "template.yaml"
    layers: Sequence[Path] = (ROOT / "layers" / "shared",)
    python: str = sys.executable


@asynccontextmanager
async def running(options: Options, progress: Progress) -> AsyncIterator[Description]:
    """Run the stack for the length of a block, described in the state's `stack.json`.

    Raises:
        ExceptionGroup: of `ServiceError`, as `services` does.
        local.gateway.GatewayError: the template is wrong, or the port is taken.
    """
    async with services(options.state, options.template, progress) as parts:
        electorate = await asyncio.to_thread(voters)
        signers = campaign.signers(electorate)
        await add_members(parts.valkey.url, campaign.signers_key(), signers)
        environment = function_environment(options.state, parts)
        async with Gateway(_gateway(options, parts, environment)) as gateway:
            stack = _description(gateway.url, parts, _campaign(electorate, signers))
            write_atomically(options.state.environment_file, json.dumps(environment, indent=2))
            stack.write(options.state.stack_file)
            try:
                yield stack
            finally:
                options.state.end()


def _gateway(options: Options, parts: Services, environment: Mapping[str, str]) -> GatewayConfig:
    return GatewayConfig(
        template=options.template,
        layers=options.layers,
        environment={"*": environment},
        interpreter=(options.python,),
        host=HOST,
        port=options.port,
        log_dir=options.state.log("functions").parent,
        queues=parts.aws.queues,
        sqs_url=parts.aws.url,
        region=REGION,
    )


def _description(api: str, parts: Services, demo: Campaign) -> Description:
    directus, supabase = parts.directus, parts.supabase
    return Description(
        api=api,
        supabase=SupabaseAccess(
            url=supabase.url, publishable_key=supabase.keys.publishable, secret_key=supabase.keys.secret
        ),
        directus=DirectusAccess(
            url=directus.url,
            admin_email=directus.admin.email,
            admin_password=directus.admin.password,
            search_email=directus.search.email,
            search_password=directus.search.password,
        ),
        redis=Address(url=parts.valkey.url),
        aws=Address(url=parts.aws.url),
        users=Users(organizer=_user(supabase.users["organizer"]), viewer=_user(supabase.users["viewer"])),
        campaign=demo,
        chart=Chart(id=str(charts.chart_id(demo.id, next(iter(charts.DEFINITIONS))))),
    )


def _user(user: User) -> UserAccess:
    return UserAccess(id=user.id, email=user.account.email, password=user.account.password)


def _campaign(electorate: Sequence[Voter], signers: Sequence[str]) -> Campaign:
    unsigned = next(voter.voter_id for voter in electorate if voter.voter_id not in signers)
    return Campaign(id=campaign.CAMPAIGN_ID, signed_voter_id=signers[0], unsigned_voter_id=unsigned)
