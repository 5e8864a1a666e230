// The same with what @hey-api/openapi-ts makes of the document.
import {
  checkDuplicate,
  generateChart,
  revalidatePermissions,
  searchVoters,
  searchVotersCommon,
} from "./generated/hey/index.js";
import type { GenerateChartErrorAnswer } from "./generated/hey/index.js";

export async function callEveryRoute(): Promise<(string | null | undefined)[]> {
  const chosen = await searchVoters({ body: { lastName: "Foster", credentials: { name: "search" } } });
  const common = await searchVotersCommon({ body: { lastName: "Foster" } });
  const duplicate = await checkDuplicate({ body: { campaignId: "a", voterId: 5 } });
  const chart = await generateChart({ path: { id: "a" }, headers: { Prefer: "respond-async" } });
  const revalidated = await revalidatePermissions();
  const rows = chart.data && "chart" in chart.data ? chart.data.chart.data.rows : [];
  return [chosen.data?.persons[0]?.lastName, common.data?.persons[0]?.firstName, String(duplicate.data), String(rows[0]), revalidated.data?.tag];
}

export async function explain(): Promise<string> {
  const { error } = await generateChart({ path: { id: "a" } });
  if (error === undefined) return "";
  if (!("code" in error)) return error.message;
  return explainCode(error);
}

function explainCode(error: GenerateChartErrorAnswer): string {
  switch (error.code) {
    case "unauthenticated":
    case "forbidden":
    case "not_found":
      return "not allowed";
    case "invalid_json":
    case "invalid_request":
    case "invalid_chart":
    case "body_too_large":
    case "unsupported_media_type":
      return error.details?.[0]?.field ?? "";
    case "generation_in_progress":
    case "upstream_busy":
    case "upstream_error":
    case "upstream_timeout":
    case "internal_error":
      return "again";
    default:
      return error.code satisfies never;
  }
}

export async function writeNonsense(): Promise<void> {
  // @ts-expect-error a criterion that there is not
  await searchVotersCommon({ body: { surname: "Foster" } });
  // @ts-expect-error no campaign
  await checkDuplicate({ body: { voterId: "b" } });
}
