// What a frontend writes with the client, in strict TypeScript. Each line below "ts-expect-error" must not compile.
import { createPetitionClient, type ChartData, type ErrorCode, type Person } from "petition-client";
import { toECharts } from "petition-client/echarts";
import { toRecharts } from "petition-client/recharts";
import { toVegaLite } from "petition-client/vega-lite";

const client = createPetitionClient({ baseUrl: "https://api.example.org", session: async () => "a token" });

export async function callEveryRoute(): Promise<string[]> {
  const chosen = await client.POST("/api/essearch", { body: { lastName: "Foster", credentials: { name: "search" } } });
  const common = await client.POST("/api/essearch-common", { body: { firstName: "Tyr", voterId: "28545200" } });
  const inQuery = await client.POST("/api/essearch-common", { params: { query: { lastName: "Foster", limit: 5 } } });
  const duplicate = await client.POST("/api/duplicate", { body: { campaignId: "a", voterId: 28545200 } });
  const chart = await client.POST("/api/charts/{id}", { params: { path: { id: "a" }, header: { Prefer: "respond-async" } } });
  const revalidated = await client.POST("/api/permissions/revalidate");
  const persons = [chosen, common, inQuery].flatMap(({ data }) => data?.persons ?? []);
  const drawn = chart.data && "chart" in chart.data ? draw(chart.data.chart.data) : [];
  return [...persons.map(nameOf), ...drawn, String(duplicate.data), revalidated.data?.tag ?? ""];
}

export function nameOf({ firstName, lastName, precinct }: Person): string {
  return `${firstName ?? ""} ${lastName ?? ""} ${String(precinct)}`;
}

export function draw(chart: ChartData): string[] {
  const options = [toECharts(chart), toVegaLite(chart, { locale: "en-US" }), toRecharts(chart)];
  const rows = chart.rows.map((row) => `${row[chart.axis?.field ?? ""]}: ${row[chart.series[0]?.field ?? ""]}`);
  return [...rows, String(options.length)];
}

export async function explain(): Promise<string> {
  const { error } = await client.POST("/api/duplicate", { body: { campaignId: "a", voterId: "b" } });
  if (error === undefined) return "";
  if (!("code" in error)) return error.message; // API Gateway's own answer
  switch (error.code) {
    case "unauthenticated":
      return "sign in";
    case "forbidden":
      return "ask for the permission";
    case "not_found":
      return "no such campaign";
    case "invalid_json":
    case "invalid_request":
    case "body_too_large":
    case "unsupported_media_type":
      return error.details?.map(({ field, message }) => `${field}: ${message}`).join() ?? error.error;
    case "redis_unavailable":
    case "upstream_busy":
    case "upstream_error":
    case "upstream_timeout":
    case "internal_error":
      return error.requestId;
    default:
      return error.code satisfies never;
  }
}

export const code: ErrorCode = "invalid_chart";

export async function writeNonsense(chart: ChartData, person: Person): Promise<void> {
  // @ts-expect-error a criterion that there is not
  await client.POST("/api/essearch-common", { body: { surname: "Foster" } });
  // @ts-expect-error no credentials
  await client.POST("/api/essearch", { body: { lastName: "Foster" } });
  // @ts-expect-error no campaign
  await client.POST("/api/duplicate", { body: { voterId: "b" } });
  // @ts-expect-error a chart without an id
  await client.POST("/api/charts/{id}", {});
  // @ts-expect-error a route that there is not
  await client.POST("/api/search", { body: {} });
  // @ts-expect-error a year is not a text
  person.birthYear satisfies string | undefined;
  // @ts-expect-error a chart type that there is not
  chart.chartType satisfies "line" | "donut";
  // @ts-expect-error a code that there is not
  code satisfies "no_such_code";
  const { error } = await client.POST("/api/permissions/revalidate");
  // @ts-expect-error revalidation has no campaign that could be forbidden
  if (error && "code" in error && error.code === "forbidden") return;
}
