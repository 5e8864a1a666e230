import type { ChartData, ChartSeries } from "./data.js";

export type Formatter = (value: number | null | undefined) => string;

/** How a series' numbers are written, as its measure's `format` says. A missing number is a dash. */
export function numberFormatter(series: ChartSeries | undefined, locale?: string): Formatter {
  const { style = "number", decimals, currency = "USD", grouping = true } = series?.format ?? {};
  const format = new Intl.NumberFormat(locale, {
    useGrouping: grouping,
    ...(style === "number" ? {} : style === "percent" ? { style } : { style, currency }),
    ...(decimals === undefined
      ? style === "currency" ? {} : { maximumFractionDigits: style === "percent" ? 1 : 2 }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
  });
  return (value) => (value == null ? "–" : format.format(value));
}

/**
 * What the axis says of each row, every label once.
 *
 * A bucket's label is a date by the clocks of the chart's time zone. It is taken apart as text and never becomes an
 * instant of the reader's own zone, so that readers everywhere see the same days.
 */
export function axisLabels(chart: ChartData, field: string, locale?: string): string[] {
  const values = chart.rows.map((row) => row[field] ?? null);
  const isTime = chart.axis?.type === "time" && chart.granularity !== undefined;
  const labels = isTime ? timeLabels(values.map(String), chart.granularity ?? "day", locale) : values.map(String);
  return distinct(labels, isTime ? values.map((value) => String(value).slice(19)) : []);
}

/** Texts of which none occurs twice: the later ones with a suffix, or with a number where that does not suffice. */
export function distinct(texts: readonly string[], suffixes: readonly string[] = []): string[] {
  const repeated = new Set(texts.filter((text, place) => texts.indexOf(text) !== place));
  const taken = new Set<string>();
  return texts.map((text, place) => {
    const suffix = suffixes[place];
    const base = repeated.has(text) && suffix ? `${text} (${suffix})` : text;
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base} (${count})`;
    taken.add(name);
    return name;
  });
}

function timeLabels(buckets: string[], granularity: NonNullable<ChartData["granularity"]>, locale?: string): string[] {
  const spansYears = new Set(buckets.map((bucket) => bucket.slice(0, 4))).size > 1;
  const year = spansYears ? ({ year: "numeric" } as const) : {};
  const shapes: Record<typeof granularity, Intl.DateTimeFormatOptions> = {
    hour: { ...year, month: "short", day: "numeric", hour: "numeric" },
    day: { ...year, month: "short", day: "numeric" },
    week: { ...year, month: "short", day: "numeric" },
    month: { year: "numeric", month: "short" },
    quarter: { year: "numeric" },
    year: { year: "numeric" },
  };
  const format = new Intl.DateTimeFormat(locale, { ...shapes[granularity], timeZone: "UTC" });
  return buckets.map((bucket) => {
    const local = new Date(`${bucket.slice(0, 10)}T${bucket.slice(11, 19) || "00:00:00"}Z`);
    if (Number.isNaN(local.getTime())) return bucket;
    const label = format.format(local);
    return granularity === "quarter" ? `Q${Math.floor(local.getUTCMonth() / 3) + 1} ${label}` : label;
  });
}
