"""The Next.js frontend of docs/nextjs-revalidate.md, built, started, and told of changed permissions."""

import shutil
import subprocess
import time
from collections.abc import Iterator

import httpx
import pytest

from local.description import Description, UserAccess
from local.loopback import LOOPBACK
from local.project import connect
from local.state import ROOT, free_port
from local.tether import tether_command
from permissions.frontend import Frontend, FrontendSettings
from petition.deadline import Deadline
from tests.integration.docs.frontend import code_of, node_environment

FRONTEND = ROOT / "tests" / "nextjs"
APP = FRONTEND / ".app"
SECRET = "a-made-up-secret"
SECONDS = 240
# What shows that the page's files work: who is signed in, and what is cached of them.
FILES = {
    "app/layout.tsx": """
export default function Layout({ children }: { children: React.ReactNode }) {
  return <html><body>{children}</body></html>;
}
""",
    "app/page.tsx": "export default function Page() { return <p>A page</p>; }",
    "app/permissions/route.ts": """
import { permissions } from "../../lib/permissions";
import { supabase } from "../../lib/supabase";

export async function GET() {
  const { data } = await (await supabase()).auth.getUser();
  return Response.json(data.user && (await permissions(data.user.id)));
}
""",
}


@pytest.fixture(scope="module")
def frontend(stack: Description, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The app, built and started as a person does it."""
    shutil.rmtree(APP, ignore_errors=True)
    files = FILES | {block.file: block.text for block in code_of("nextjs-revalidate.md") if block.file}
    for name, text in files.items():
        (APP / name).parent.mkdir(parents=True, exist_ok=True)
        (APP / name).write_text(text)
    environment = node_environment() | {
        "NEXT_PUBLIC_SUPABASE_URL": stack.supabase.url,
        "NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY": stack.supabase.publishable_key,
        "SUPABASE_SECRET_KEY": stack.supabase.secret_key,
        "REVALIDATE_SECRET": SECRET,
        "NEXT_TELEMETRY_DISABLED": "1",
        "HOME": str(tmp_path_factory.mktemp("home")),
    }
    program = FRONTEND / "node_modules" / ".bin" / "next"
    built = subprocess.run(  # noqa: S603 - the page's own code
        [program, "build"], cwd=APP, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    port = free_port()
    command = [str(program), "start", "--hostname", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(  # noqa: S603 - the same
        tether_command(command),
        cwd=APP,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, **LOOPBACK) as client:
                _wait(client)
                yield client
        finally:
            process.terminate()
            process.wait(30)
            shutil.rmtree(APP)


def _wait(client: httpx.Client) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            client.get("/")
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def sign_in(frontend: httpx.Client, user: UserAccess) -> httpx.Response:
    return frontend.post("/sign-in", data={"email": user.email, "password": user.password})


def test_somebody_signs_in_and_the_cookie_is_a_session_of_the_api(frontend: httpx.Client, stack: Description) -> None:
    assert frontend.post("/sign-in", data={"email": stack.users.viewer.email, "password": "wrong"}).status_code == 401
    assert sign_in(frontend, stack.users.organizer).json() == {"signedIn": True}
    cookies = "; ".join(f"{name}={value}" for name, value in frontend.cookies.items())
    answer = httpx.post(f"{stack.api}/api/permissions/revalidate", headers={"Cookie": cookies}, timeout=60, **LOOPBACK)
    assert answer.json()["tag"] == f"permissions-{stack.users.organizer.id}"
    frontend.cookies.clear()


def test_cached_permissions_change_at_once_when_the_frontend_is_told(
    frontend: httpx.Client, stack: Description
) -> None:
    viewer, supabase = stack.users.viewer, stack.supabase
    sign_in(frontend, viewer)
    before = frontend.get("/permissions").json()
    clerk = {"user_id": viewer.id, "role": "clerk", "campaign_id": stack.campaign.id}
    with connect(supabase.url, supabase.secret_key) as project:
        memberships = project.table("memberships")
        memberships.insert(clerk).execute()
        try:
            assert frontend.get("/permissions").json() == before
            tell(frontend, viewer)
            assert sorted(frontend.get("/permissions").json()) == ["signers:check", "voters:search"]
        finally:
            memberships.delete().match(clerk).execute()
    tell(frontend, viewer)
    assert frontend.get("/permissions").json() == before == []
    frontend.cookies.clear()


def tell(frontend: httpx.Client, user: UserAccess) -> None:
    """As the route tells it."""
    address = f"{frontend.base_url}/api/revalidate-permissions"
    settings = {"NEXT_REVALIDATE_URL": address, "NEXT_REVALIDATE_SECRET": SECRET}
    Frontend(lambda: FrontendSettings.load(settings)).revalidate(f"permissions-{user.id}", Deadline(30))
