export type ChartType = "line" | "area" | "bar" | "pie" | "number" | "table";
export interface NumberFormat {
  style: "number" | "percent" | "currency";
  decimals?: number;
  currency?: string;
  grouping?: boolean;
}
export interface ChartSeries {
  field: string;
  name: string;
  role: "value" | "previous" | "target";
  measure?: string;
  type?: "count" | "countDistinct" | "sum" | "avg" | "min" | "max";
  format?: NumberFormat;
  dimensions?: Record<string, string | number>;
}
export interface ChartData {
  version: 1;
  chartType: ChartType;
  timezone: string;
  generatedAt: string;
  granularity?: "hour" | "day" | "week" | "month" | "quarter" | "year";
  range?: { from: string; to: string };
  previousRange?: { from: string; to: string };
  axis?: { field: string; name: string; type: "time" | "category" };
  series: ChartSeries[];
  rows: Record<string, string | number | null>[];
}
