import type { ChartData, ChartSeries, ChartType, NumberFormat } from "./data.js";
import { axisLabels, distinct, numberFormatter, type Formatter } from "./format.js";

export interface Options {
  /** The language of numbers and dates, such as `en-US`; the reader's own where left out. */
  locale?: string;
  /** The colours of the series, in their order. */
  colors?: readonly string[];
}

/** A series as it is drawn, whatever the library. */
export interface Line {
  field: string;
  name: string;
  role: ChartSeries["role"];
  /** An earlier period has the colour of the series that it is compared with. */
  color: string;
  /** Lines of one stack are drawn on top of one another. */
  stack: string | undefined;
  values: (number | null)[];
  write: Formatter;
}

/** One number of a chart without an axis, with what is said below it. */
export interface Figure {
  name: string;
  value: string;
  caption: string;
}

/** What a chart says, in the words that all libraries share. */
export interface Reading {
  mark: ChartType;
  axisName: string | undefined;
  isTime: boolean;
  /** Whether the categories' names need more room than there is below a chart. */
  isSlanted: boolean;
  labels: string[];
  lines: Line[];
  /** How the value axis writes its numbers: as its series do, where they agree. */
  write: Formatter;
  format: NumberFormat | undefined;
}

// Twelve, as a dimension keeps ten values unless told otherwise, and "Other".
export const COLORS = [
  ...["#2563eb", "#e07b00", "#0e9f6e", "#b5359c", "#7c5ce0", "#c0392b"],
  ...["#0891b2", "#a16207", "#64748b", "#db6d9a", "#4d7c0f", "#7f1d1d"],
] as const;
export const TARGET_COLOR = "#475569";
// Characters that stand beside one another below a chart of 500 pixels.
const ROOM = 56;
// In lines of so many, the names of a table's columns leave room for several.
const LINE = 16;

/** Read a chart's data: names that occur once, labels in the chart's time zone, a colour and a stack for each series. */
export function readChart(chart: ChartData, { locale, colors = COLORS }: Options = {}): Reading {
  const names = distinct(chart.series.map((series) => series.name));
  const values = chart.series.filter((series) => series.role === "value");
  const lines = chart.series.map((series, place): Line => {
    const owner = values.findIndex((value) => value.field === series.field.replace(/__previous$/, ""));
    return {
      field: series.field,
      name: names[place] ?? series.name,
      role: series.role,
      color: series.role === "target" ? TARGET_COLOR : colors[owner % colors.length] ?? TARGET_COLOR,
      stack: isStacked(chart, series) ? `${series.measure}, ${series.role}` : undefined,
      values: chart.rows.map((row) => number(row[series.field])),
      write: numberFormatter(series.role === "target" ? values[0] : series, locale),
    };
  });
  const labels = chart.axis ? axisLabels(chart, chart.axis.field, locale) : chart.rows.map(() => "");
  const isTime = chart.axis?.type === "time";
  return {
    mark: chart.chartType,
    axisName: chart.axis?.name,
    isTime,
    isSlanted: !isTime && labels.join("").length + 2 * labels.length > ROOM,
    labels,
    lines,
    write: numberFormatter(sharedFormat(values), locale),
    format: sharedFormat(values)?.format,
  };
}

/** Parts of a whole are stacked: the series into which dimensions split what can be added up. */
function isStacked(chart: ChartData, { role, dimensions, type = "count" }: ChartSeries): boolean {
  return role !== "target" && dimensions !== undefined && ["count", "sum"].includes(type) && chart.chartType !== "line";
}

function number(value: string | number | null | undefined): number | null {
  return typeof value === "number" ? value : null;
}

function sharedFormat(values: ChartSeries[]): ChartSeries | undefined {
  const [first, ...others] = values;
  return others.every((other) => JSON.stringify(other.format) === JSON.stringify(first?.format)) ? first : undefined;
}

/** The figures of a number chart: of several rows the last one that has a number. */
export function figures(reading: Reading, locale?: string): Figure[] {
  const target = reading.lines.find((line) => line.role === "target");
  return reading.lines
    .filter((line) => line.role === "value")
    .map((line) => {
      const row = Math.max(0, line.values.findLastIndex((value) => value !== null));
      const value = line.values[row] ?? null;
      const previous = reading.lines.find((other) => other.field === `${line.field}__previous`);
      return {
        name: reading.labels[row] ? `${line.name}, ${reading.labels[row]}` : line.name,
        value: line.write(value),
        caption: [
          previous && change(value, previous.values[row] ?? null, previous.write, locale),
          target && share(value, target.values[row] ?? null, target, locale),
        ]
          .filter(Boolean)
          .join(" · "),
      };
    });
}

function change(value: number | null, earlier: number | null, write: Formatter, locale?: string): string | undefined {
  if (value === null || earlier === null) return undefined;
  if (earlier === 0) return `${write(earlier)} before`;
  const ratio = (value - earlier) / Math.abs(earlier);
  const arrow = ratio > 0 ? "▲" : ratio < 0 ? "▼" : "=";
  return `${arrow} ${percent(Math.abs(ratio), locale)} (${write(earlier)} before)`;
}

function share(value: number | null, target: number | null, line: Line, locale?: string): string | undefined {
  if (value === null || target === null) return undefined;
  const goal = `${line.name} ${line.write(target)}`;
  return target > 0 ? `${percent(value / target, locale)} of ${goal}` : goal;
}

/** The size of the figures' letters: several stand beside one another. */
export function figureSize(count: number): number {
  return count === 1 ? 48 : count < 4 ? 32 : 24;
}

/** A name in short lines, broken between words. */
export function wrap(name: string): string {
  return name.split(" ").reduce((text, word) => {
    const line = text.slice(text.lastIndexOf("\n") + 1);
    return `${text}${line.length + word.length < LINE ? " " : "\n"}${word}`;
  });
}

export function percent(ratio: number, locale?: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(ratio);
}

/** A ring of a pie: slices in the order of the rows, or of the series where there is but one row. */
export interface Ring {
  name: string;
  slices: { name: string; value: number; color: string; text: string; share: string }[];
}

/** The rings of a pie, the outermost first: one a series, and one for an earlier period inside of it. */
export function rings(reading: Reading, { locale, colors = COLORS }: Options = {}): Ring[] {
  const drawn = reading.lines.filter((line) => line.role !== "target");
  const isSplitBySeries = reading.axisName === undefined;
  const groups = isSplitBySeries
    ? (["value", "previous"] as const)
        .map((role) => drawn.filter((line) => line.role === role))
        .filter((lines) => lines.length > 0)
        .map((lines) => ({
          name: lines[0]?.role === "previous" ? "Previous period" : "",
          parts: lines.map((line) => ({ name: line.name, value: line.values[0] ?? null, write: line.write })),
        }))
    : drawn.map((line) => ({
        name: line.name,
        parts: reading.labels.map((name, row) => ({ name, value: line.values[row] ?? null, write: line.write })),
      }));
  return groups.map(({ name, parts }) => {
    const whole = parts.reduce((sum, { value }) => sum + Math.max(value ?? 0, 0), 0);
    return {
      name,
      slices: parts.map(({ name: part, value, write }, place) => ({
        name: part,
        value: Math.max(value ?? 0, 0),
        color: colors[place % colors.length] ?? TARGET_COLOR,
        text: write(value),
        share: percent(whole > 0 ? Math.max(value ?? 0, 0) / whole : 0, locale),
      })),
    };
  });
}

/** A target where no axis shows it, in words. */
export function targetText(reading: Reading): string | undefined {
  const target = reading.lines.find((line) => line.role === "target");
  const value = target?.values.find((each) => each !== null);
  return target && value != null ? `${target.name}: ${target.write(value)}` : undefined;
}
