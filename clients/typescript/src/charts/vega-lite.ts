import type { TopLevelSpec } from "vega-lite";
import type { ChartData } from "./data.js";
import { distinct } from "./format.js";
import { figures, figureSize, readChart, rings, targetText, wrap, type Options, type Reading } from "./reading.js";

export type { ChartData, Options };

type Layers = Extract<TopLevelSpec, { layer: unknown }>;
type Layer = Layers["layer"][number];

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";
const HEIGHT = 320;
const ROW_HEIGHT = 26;
const LINE_HEIGHT = 15;
const FADED = 0.4;
const LEGEND = { symbolStrokeWidth: 2, symbolOpacity: 1, symbolSize: 150 };
const DOTTED = [2, 3];
const DASHES = { value: [1, 0], previous: [6, 4], target: DOTTED };

/** The specification that Vega-Lite 6 draws a chart from, as wide as the element that it is drawn in. */
export function toVegaLite(chart: ChartData, options: Options = {}): TopLevelSpec {
  const reading = readChart(chart, options);
  switch (reading.mark) {
    case "pie":
      return pie(reading, options);
    case "number":
      return numbers(reading, options);
    case "table":
      return table(reading);
    default:
      return cartesian(reading, reading.mark, options.locale);
  }
}

/** A row for each number: Vega-Lite tells series apart by a field, and stacks along the order of the rows. */
function points(reading: Reading) {
  return reading.lines.flatMap(({ name, role, values, stack, write }, series) =>
    values.map((value, row) => ({
      label: reading.labels[row] ?? "",
      series: name,
      role,
      group: stack ?? name,
      order: series,
      value,
      text: write(value),
    })),
  );
}

function cartesian(reading: Reading, mark: "line" | "area" | "bar", locale?: string): TopLevelSpec {
  return {
    $schema: SCHEMA,
    width: "container",
    height: HEIGHT,
    autosize: { type: "fit", contains: "padding" },
    padding: { left: 5, top: 5, right: 24, bottom: 5 },
    config: { locale: { number: numberLocale(reading, locale) } },
    data: { values: points(reading) },
    layer: [...marks(reading, mark, "value"), ...marks(reading, mark, "previous"), ...target(reading, mark)],
  };
}

function marks(reading: Reading, mark: "line" | "area" | "bar", role: "value" | "previous"): Layer[] {
  const { x, y, color, strokeDash, opacity, tooltip } = channels(reading, mark);
  const drawn = reading.lines.filter((line) => line.role === role);
  if (drawn.length === 0) return [];
  const isStacked = drawn.some(({ stack }) => stack !== undefined);
  const encoding = { x, y: { ...y, stack: isStacked ? "zero" : null }, color, order: { field: "order" } } as const;
  const transform = [{ filter: `datum.role == '${role}'` }];
  if (mark === "bar") {
    const groups = [...new Set(reading.lines.filter(isNoTarget).map((line) => line.stack ?? line.name))];
    const xOffset = groups.length > 1 ? { xOffset: { field: "group", sort: groups } } : {};
    return [{ transform, mark: { type: "bar" }, encoding: { ...encoding, ...xOffset, opacity, tooltip } }];
  }
  const area: Layer = { transform, mark: { type: "area", opacity: isStacked ? 0.6 : 0.25 }, encoding };
  return [
    ...(mark === "area" && role === "value" ? [area] : []),
    { transform, mark: { type: "line", strokeWidth: 2 }, encoding: { ...encoding, strokeDash } },
    {
      transform: [...transform, { filter: "isValid(datum.value)" }],
      mark: { type: "point", filled: true, size: 20 },
      encoding: { ...encoding, tooltip },
    },
  ];
}

function isNoTarget({ role }: { role: string }): boolean {
  return role !== "target";
}

/** A line across all of the chart, drawn once and not once a row. */
function target(reading: Reading, mark: string): Layer[] {
  const { y, color, strokeDash, opacity, tooltip } = channels(reading, mark);
  const values = points(reading).filter(({ role, value }) => role === "target" && value !== null).slice(0, 1);
  const look = mark === "bar" ? { opacity } : { strokeDash };
  const rule = { type: "rule", strokeWidth: 2, strokeDash: DOTTED } as const;
  return values.length === 0 ? [] : [{ data: { values }, mark: rule, encoding: { y, color, ...look, tooltip } }];
}

function channels(reading: Reading, mark: string) {
  const { lines, isTime, isSlanted, axisName } = reading;
  const domain = lines.map(({ name }) => name);
  // One legend for colour, dashes and opacity: Vega-Lite merges those that have a field and a title in common.
  const series = {
    field: "series",
    type: "ordinal",
    sort: null,
    title: null,
    legend: { orient: "top", columns: 4, symbolType: mark === "bar" ? "square" : "stroke", ...LEGEND },
  } as const;
  return {
    x: {
      field: "label",
      type: "ordinal",
      sort: null,
      title: axisName ?? null,
      axis: isTime
        ? ({ labelAngle: 0, labelOverlap: "greedy", labelSeparation: 16 } as const)
        : ({ labelAngle: isSlanted ? -40 : 0, labelOverlap: false } as const),
    },
    y: { field: "value", type: "quantitative", title: null, axis: { format: numberFormat(reading) } },
    color: { ...series, scale: { type: "ordinal", domain, range: lines.map(({ color }) => color) } },
    strokeDash: { ...series, scale: { type: "ordinal", domain, range: lines.map(({ role }) => DASHES[role]) } },
    opacity: { ...series, scale: { type: "ordinal", domain, range: lines.map(({ role }) => (role === "previous" ? FADED : 1)) } },
    tooltip: tooltip({ label: axisName ?? " ", series: "Series", text: "Value" }),
  } as const;
}

/** Titles by their fields. */
function tooltip(titles: Record<string, string>) {
  return Object.entries(titles).map(([field, title]) => ({ field, title }));
}

/** The value axis' format, in d3's notation. */
function numberFormat({ format }: Reading): string {
  const { style = "number", decimals, grouping = true } = format ?? {};
  const group = grouping ? "," : "";
  const digits = decimals === undefined ? ".2~" : `.${decimals}`;
  return { number: `${group}${digits}f`, percent: `${group}${digits}%`, currency: `$${group}${digits}f` }[style];
}

/** Separators and the place of a currency's sign, as the language has them. */
function numberLocale({ format }: Reading, locale?: string) {
  const currency = format?.currency ?? "USD";
  const parts = new Intl.NumberFormat(locale, { style: "currency", currency }).formatToParts(-1_234_567.5);
  const find = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  const sign = find("currency");
  const isFirst = parts.findIndex(({ type }) => type === "currency") < parts.findIndex(({ type }) => type === "integer");
  const signs: [string, string] = isFirst ? [sign, ""] : ["", `\u00a0${sign}`];
  return { decimal: find("decimal") || ".", thousands: find("group"), grouping: [3], currency: signs };
}

function pie(reading: Reading, options: Options): TopLevelSpec {
  const circles = rings(reading, options);
  const goal = targetText(reading);
  const radius = (share: number) => ({ expr: `min(width, height) / 2 * ${0.8 * share}` });
  const layers = circles.flatMap(({ name, slices }, place): Layer[] => {
    const inner = (circles.length - 1 - place) / circles.length;
    const outside = (circles.length - place) / circles.length - (place && 0.03);
    const data = { values: slices.map((slice, order) => ({ ...slice, ring: name, order })) };
    const encoding = {
      theta: { field: "value", type: "quantitative", stack: true },
      order: { field: "order" },
      color: {
        field: "name",
        sort: null,
        title: null,
        scale: { domain: slices.map((slice) => slice.name), range: slices.map((slice) => slice.color) },
        legend: { orient: "top", columns: 4 },
      },
      tooltip: tooltip({ name: reading.axisName ?? " ", text: name || "Value", share: "Share" }),
    } as const;
    const arc: Layer = {
      data,
      mark: { type: "arc", innerRadius: radius(inner), outerRadius: radius(outside), stroke: "#fff", opacity: place ? 0.6 : 1 },
      encoding,
    };
    const { theta, order } = encoding;
    const text: Layer = {
      data,
      transform: [{ filter: "datum.value > 0" }],
      mark: { type: "text", radius: radius(1.18) },
      encoding: { theta, order, text: { field: "share" } },
    };
    return place === 0 ? [arc, text] : [arc];
  });
  return {
    $schema: SCHEMA,
    width: "container",
    height: HEIGHT,
    autosize: { type: "fit", contains: "padding" },
    ...(goal === undefined ? {} : { title: { text: goal, anchor: "middle", orient: "bottom" } }),
    data: { values: [] },
    layer: layers,
    resolve: { scale: { theta: "independent" } },
  };
}

function numbers(reading: Reading, options: Options): TopLevelSpec {
  const shown = figures(reading, options.locale);
  const x = { field: "name", sort: null, axis: null } as const;
  const number = { type: "text", fontSize: figureSize(shown.length), fontWeight: "bold", dy: -20 } as const;
  return {
    $schema: SCHEMA,
    width: "container",
    height: HEIGHT / 2,
    autosize: { type: "fit", contains: "padding" },
    config: { view: { stroke: null } },
    data: { values: shown },
    layer: [
      { mark: number, encoding: { x, text: { field: "value" } } },
      { mark: { type: "text", fontSize: 14, dy: 20 }, encoding: { x, text: { field: "name" } } },
      { mark: { type: "text", fontSize: 14, dy: 40 }, encoding: { x, text: { field: "caption" } } },
    ],
  };
}

function table(reading: Reading): TopLevelSpec {
  const texts = [
    ...(reading.axisName === undefined ? [] : [{ name: reading.axisName, texts: reading.labels }]),
    ...reading.lines.map(({ name, values, write }) => ({ name, texts: values.map(write) })),
  ];
  const columns = distinct(texts.map(({ name }) => wrap(name)));
  const cells = texts.flatMap((column, place) =>
    column.texts.map((text, row) => ({ column: columns[place], row, text })),
  );
  return {
    $schema: SCHEMA,
    width: "container",
    height: ROW_HEIGHT * Math.max(1, reading.labels.length),
    autosize: { type: "fit-x", contains: "padding" },
    config: { view: { stroke: null } },
    data: { values: cells },
    mark: { type: "text", fontSize: 13 },
    encoding: {
      x: {
        field: "column",
        sort: null,
        type: "ordinal",
        axis: {
          ...{ orient: "top", title: null, ticks: false, domain: false, labelAngle: 0, labelOverlap: false, labelLimit: 0 },
          ...{ labelFontWeight: "bold", labelFontSize: 13, labelLineHeight: LINE_HEIGHT },
          labelExpr: "split(datum.label, '\\n')",
          labelPadding: 4 + LINE_HEIGHT * Math.max(...columns.map((name) => name.split("\n").length - 1)),
        },
      },
      y: { field: "row", type: "ordinal", axis: null },
      text: { field: "text" },
    },
  };
}
