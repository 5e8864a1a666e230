// The same with what openapi-typescript makes of the document, and openapi-fetch alone.
import createClient from "openapi-fetch";
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

export function explain(error: components["schemas"]["GenerateChartErrorAnswer"]): string {
  switch (error.code) {
    case "unauthenticated":
    case "forbidden":
      return "not allowed";
    case "not_found":
      return "gone";
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

export function forget(error: components["schemas"]["GenerateChartErrorAnswer"]): string {
  switch (error.code) {
    case "not_found":
      return "gone";
    default:
      // @ts-expect-error the other codes are left
      return error.code satisfies never;
  }
}

export async function writeNonsense(): Promise<void> {
  // @ts-expect-error a name is no number
  await client.POST("/api/essearch-common", { body: { lastName: 5 } });
  // @ts-expect-error no credentials
  await client.POST("/api/essearch", { body: { lastName: "Foster" } });
}
