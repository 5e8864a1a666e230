import type { components } from "../schema.js";

export type ChartData = components["schemas"]["ChartData"];
export type ChartSeries = components["schemas"]["ChartSeries"];
export type ChartType = ChartData["chartType"];
export type NumberFormat = components["schemas"]["ChartNumberFormat"];
