// The same with what @hey-api/openapi-ts makes of the document.
import { EXPLANATIONS } from "./explanations.js";
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
  const explanations: Record<GenerateChartErrorAnswer["code"], string> = EXPLANATIONS;
  return error.details?.[0]?.field ?? explanations[error.code];
}

// @ts-expect-error a code that there is not
export const code: GenerateChartErrorAnswer["code"] = "no_such_code";

export async function writeNonsense(): Promise<void> {
  // @ts-expect-error a criterion that there is not
  await searchVotersCommon({ body: { surname: "Foster" } });
  // @ts-expect-error no campaign
  await checkDuplicate({ body: { voterId: "b" } });
}
