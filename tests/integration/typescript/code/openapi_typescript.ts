// The same with what openapi-typescript makes of the document, and openapi-fetch alone.
import createClient from "openapi-fetch";
import { EXPLANATIONS } from "./explanations.js";
import type { components, paths } from "./generated/schema.js";

const client = createClient<paths>({ baseUrl: "https://api.example.org" });

export async function callEveryRoute(): Promise<(string | null | undefined)[]> {
  const chosen = await client.POST("/api/essearch", { body: { lastName: "Foster", credentials: { name: "search" } } });
  const common = await client.POST("/api/essearch-common", { body: { lastName: "Foster" } });
  const duplicate = await client.POST("/api/duplicate", { body: { campaignId: "a", voterId: "b" } });
  const chart = await client.POST("/api/charts/{id}", { params: { path: { id: "a" }, header: { Prefer: "respond-async" } } });
  const revalidated = await client.POST("/api/permissions/revalidate");
  const rows = chart.data && "chart" in chart.data ? chart.data.chart.data.rows : [];
  return [chosen.data?.persons[0]?.lastName, common.data?.persons[0]?.firstName, String(duplicate.data), String(rows[0]), revalidated.data?.tag];
}

type ChartError = components["schemas"]["GenerateChartErrorAnswer"];

export function explain(error: ChartError): string {
  const explanations: Record<ChartError["code"], string> = EXPLANATIONS;
  return error.details?.[0]?.field ?? explanations[error.code];
}

export function forget(error: ChartError): string {
  switch (error.code) {
    case "not_found":
      return "gone";
    default:
      // @ts-expect-error the other codes are left
      return error.code satisfies never;
  }
}

export async function writeNonsense(): Promise<void> {
  // @ts-expect-error a name is not a number
  await client.POST("/api/essearch-common", { body: { lastName: 5 } });
  // @ts-expect-error no credentials
  await client.POST("/api/essearch", { body: { lastName: "Foster" } });
}
