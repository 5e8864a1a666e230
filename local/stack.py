"""The whole stack: the services, the gateway in front of the functions, and the file that describes them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from local import handover, signers
from local.demo import campaign, charts, signatures
from local.demo.voters import Voter, voters
from local.description import (
    Campaign,
    Chart,
    Description,
    DirectusAccess,
    ServiceAddress,
    SupabaseAccess,
    UserAccess,
    Users,
)
from local.environment import function_environment
from local.gateway import Gateway, GatewayConfig
from local.gateway.exchange import Exchange
from local.pages import FILES, Site, write_charts
from local.refusals import Refusals
from local.request_lines import RequestLines
from local.services.aws import REGION
from local.services.supabase_content import User
from local.services.together import Progress, Services, services
from local.state import HOST, LOCALHOST, ROOT, State, write_atomically
from local.supabase_front import front

ANY_LOCAL_PAGE = ("http://localhost:*",)
type Show = Callable[[str], None]

# The others are run by hand: make refresh-charts.
SCHEDULES = ("SyncSigners",)


@dataclass(frozen=True)
class Options:
    """The options of a stack.

    Attributes:
        state: the folder of its data. Two stacks need two.
        port: of the API; 0 for a free one.
        template: the SAM template, or a build of it.
        layers: folders of packages that every function gets.
        python: the functions' interpreter. It must find `awslambdaric`.
        origins: the pages that may call the API, as a browser names them; `*` stands for any port.
    """

    state: State
    port: int = 0
    template: Path = ROOT / "template.yaml"
    layers: Sequence[Path] = (ROOT / "layers" / "shared",)
    python: str = sys.executable
    origins: Sequence[str] = ANY_LOCAL_PAGE


@asynccontextmanager
async def run_stack(options: Options, progress: Progress, show: Show = print) -> AsyncIterator[Description]:
    """Run the stack for the length of a block, described in the state's files. `show` takes a line for each request.

    Raises:
        ExceptionGroup: of `ServiceError`, as `services` does.
        local.gateway.GatewayError: the template is wrong, or the port is taken.
    """
    state = options.state
    async with services(state, options.template, progress) as parts, AsyncExitStack() as rest:
        electorate, signed = await asyncio.to_thread(voters), signatures.signers()
        supabase = f"http://{LOCALHOST}:{state.port('supabase front')}"
        await rest.enter_async_context(front(parts.supabase.url, state.port("supabase front")))
        environment = function_environment(state, parts, supabase)
        lines = _request_lines(parts, supabase)
        log = rest.enter_context(state.log("requests").open("a", encoding="utf-8", buffering=1))

        def report(exchange: Exchange) -> None:
            if line := lines.line(exchange):
                log.write(f"{line}\n")
                show(line)

        site = Site({**FILES, **await asyncio.to_thread(write_charts, state.data("pages"))})
        config = replace(_gateway(options, parts, environment), on_exchange=report, site=site.answer)
        gateway = await rest.enter_async_context(Gateway(config))
        await signers.build_set(gateway, campaign.CAMPAIGN_ID)
        api = f"http://{LOCALHOST}:{gateway.port}"
        stack = site.stack = _description(api, supabase, parts, _campaign(electorate, signed))
        write_atomically(state.environment_file, json.dumps(environment, indent=2))
        handover.write(stack, state)
        stack.write(state.stack_file)
        try:
            yield stack
        finally:
            state.end()


def _request_lines(parts: Services, supabase: str) -> RequestLines:
    cookie = f"sb-{urlsplit(supabase).hostname}-auth-token"
    names = {user.id: name for name, user in parts.supabase.users.items()}
    return RequestLines(Refusals(cookie, parts.supabase.keys.jwt_secret), names)


def _gateway(options: Options, parts: Services, environment: Mapping[str, str]) -> GatewayConfig:
    return GatewayConfig(
        template=options.template,
        parameters={"AllowedOrigins": ",".join(options.origins)},
        layers=options.layers,
        environment={"*": environment},
        interpreter=(options.python,),
        host=HOST,
        port=options.port,
        log_dir=options.state.log("functions").parent,
        queues=parts.aws.queues,
        sqs_url=parts.aws.url,
        schedules=SCHEDULES,
        region=REGION,
    )


def _description(api: str, supabase_url: str, parts: Services, demo: Campaign) -> Description:
    directus, supabase = parts.directus, parts.supabase
    return Description(
        api=api,
        supabase=SupabaseAccess(
            url=supabase_url, publishable_key=supabase.keys.publishable, secret_key=supabase.keys.secret
        ),
        directus=DirectusAccess(
            url=directus.url.replace(HOST, LOCALHOST),
            admin_email=directus.admin.email,
            admin_password=directus.admin.password,
            search_email=directus.search.email,
            search_password=directus.search.password,
        ),
        redis=ServiceAddress(url=parts.valkey.url.replace(HOST, LOCALHOST)),
        aws=ServiceAddress(url=parts.aws.url.replace(HOST, LOCALHOST)),
        users=Users(organizer=_user(supabase.users["organizer"]), viewer=_user(supabase.users["viewer"])),
        campaign=demo,
        chart=Chart(id=str(charts.chart_id(demo.id, next(iter(charts.DEFINITIONS))))),
    )


def _user(user: User) -> UserAccess:
    return UserAccess(id=user.id, email=user.account.email, password=user.account.password)


def _campaign(electorate: Sequence[Voter], signed: Sequence[str]) -> Campaign:
    unsigned = next(voter.voter_id for voter in electorate if voter.voter_id not in signed)
    return Campaign(id=campaign.CAMPAIGN_ID, signed_voter_id=signed[0], unsigned_voter_id=unsigned)
