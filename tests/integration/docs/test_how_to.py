"""The recipes of docs/how-to.md, run on the local stack as they stand there."""

import json
import subprocess
from typing import Any

import pytest

from local.description import Description
from local.services.node import NODE
from tests.integration.docs.frontend import bundle, install, node_environment, write_page

SECONDS = 120
# What calls the recipes: the organizer signs in, and each answer goes into one JSON object.
SCRIPT = """
import { createClient } from "@supabase/supabase-js";
import { api, supabase } from "./clients.js";
import { generateLater } from "./generate-chart.js";
import { listCharts } from "./list-charts.js";
import { addClerk, removeClerk } from "./members.js";
import { revalidate } from "./revalidate.js";
import { storeChart } from "./store-chart.js";

const { organizer, viewer, campaign } = JSON.parse(process.env.GIVEN!);
const said: Record<string, unknown> = {};
const check = async () => {
  const { response } = await api.POST("/api/duplicate", { body: { campaignId: campaign.id, voterId: "1" } });
  return response.status;
};

await supabase.auth.signInWithPassword(viewer);
said.charts_of_a_viewer = (await listCharts(campaign.id)).length;
said.viewer_before = await check();
await addClerk(viewer.id, campaign.id);
await revalidate();
said.clerk = await check();
await removeClerk(viewer.id, campaign.id);
await revalidate();
said.viewer_after = await check();

await supabase.auth.signOut({ scope: "local" });
await supabase.auth.signInWithPassword(organizer);
const charts = await listCharts(campaign.id);
said.titles = charts.map((chart) => chart.title);
const stored = await storeChart(campaign.id);
said.stored = (await generateLater(stored, AbortSignal.timeout(60_000))).series.map((series) => series.name);

const admin = createClient(process.env.NEXT_PUBLIC_SUPABASE_URL!, process.env.SUPABASE_SECRET_KEY!);
await admin.from("charts").delete().eq("id", stored).throwOnError();
console.log(JSON.stringify(said));
process.exit(0);
"""


@pytest.fixture(scope="module")
def said(stack: Description, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("how-to")
    install(folder / "node_modules")
    write_page(folder, "how-to.md")
    (folder / "run.ts").write_text(SCRIPT)
    given = {"campaign": {"id": stack.campaign.id}} | {
        name: {"id": user.id, "email": user.email, "password": user.password}
        for name, user in (("organizer", stack.users.organizer), ("viewer", stack.users.viewer))
    }
    environment = node_environment() | {
        "NEXT_PUBLIC_SUPABASE_URL": stack.supabase.url,
        "NEXT_PUBLIC_SUPABASE_PUBLISHABLE_KEY": stack.supabase.publishable_key,
        "NEXT_PUBLIC_API_URL": stack.api,
        "SUPABASE_SECRET_KEY": stack.supabase.secret_key,
        "GIVEN": json.dumps(given),
    }
    command = [NODE, bundle(folder / "run.ts", folder / "run.mjs")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]  # JSON


def test_a_member_lists_the_charts_of_the_campaign(said: dict[str, Any]) -> None:
    assert "Signatures a day" in said["titles"]
    assert said["titles"] == sorted(said["titles"])


def test_a_clerk_may_check_signatures_at_once_and_not_any_more_when_taken_away(said: dict[str, Any]) -> None:
    assert (said["viewer_before"], said["clerk"], said["viewer_after"]) == (403, 200, 403)


def test_a_stored_definition_is_generated_later_and_waited_for(said: dict[str, Any]) -> None:
    assert said["stored"] == ["Signatures", "Signatures (previous period to date)"]
