import type { Attributes, ComponentProps, createElement, ReactElement } from "react";
import type * as Recharts from "recharts";
import type { ChartData } from "./data.js";
import { figures, figureSize, readChart, rings, targetText, type Line, type Options, type Reading, type Ring } from "./reading.js";

export type { ChartData, Options };

type Name =
  | ("ComposedChart" | "PieChart" | "Area" | "Bar" | "Line" | "Pie" | "ReferenceLine")
  | ("CartesianGrid" | "Legend" | "Tooltip" | "XAxis" | "YAxis");

/** The components of Recharts that a chart can need; `import * as Recharts from "recharts"` has them all. */
export type Components = Pick<typeof Recharts, Name>;

/** An element yet to be made: a component of Recharts by its name, or an element of HTML by its tag. */
export type Description = { [Each in Name]: Described<Each, ComponentProps<Components[Each]>> }[Name] | Html;

interface Described<Component extends Name, Props> {
  component: Component;
  props: Omit<Props, "ref" | "children"> & { key?: string };
  children?: readonly Description[];
}

interface Html {
  component: "div" | "strong" | "span" | "table" | "thead" | "tbody" | "tr" | "th" | "td";
  props: { key?: string; style?: Record<string, string | number>; scope?: "col" | "row" };
  children?: readonly (Html | Description | string)[];
}

const SIZE = { width: "100%", height: 320 } as const;
const FADED = 0.4;

/** What Recharts 3 draws a chart from: the element, its props, and the elements within. `draw` makes them. */
export function toRecharts(chart: ChartData, options: Options = {}): Description {
  const reading = readChart(chart, options);
  switch (reading.mark) {
    case "pie":
      return pie(reading, options);
    case "number":
      return numbers(reading, options);
    case "table":
      return table(reading);
    default:
      return cartesian(reading, reading.mark);
  }
}

/** Make the elements: `draw(toRecharts(chart), Recharts, createElement)`. */
export function draw(description: Description, components: Components, create: typeof createElement): ReactElement {
  const { component, props, children = [] } = description;
  const type = (component in components ? components[component as Name] : component) as string;
  return create(
    type,
    props as Attributes,
    ...children.map((child) => (typeof child === "string" ? child : draw(child, components, create))),
  );
}

function cartesian(reading: Reading, mark: "line" | "area" | "bar"): Description {
  const rows = reading.labels.map((label, row) => ({
    label,
    ...Object.fromEntries(reading.lines.map(({ field, values }) => [field, values[row] ?? null])),
  }));
  const title = reading.axisName === undefined ? {} : { label: { value: reading.axisName, position: "insideBottom" as const, offset: -16 } };
  return {
    component: "ComposedChart",
    props: { data: rows, responsive: true, style: SIZE, margin: { top: 8, right: 24, bottom: 24, left: 8 } },
    children: [
      { component: "CartesianGrid", props: { key: "grid", vertical: false, strokeDasharray: "2 4" } },
      { component: "XAxis", props: { key: "x", dataKey: "label", ...ticks(reading), ...title } },
      { component: "YAxis", props: { key: "y", width: "auto", tickFormatter: (value: number) => reading.write(value) } },
      legend(),
      tooltip(new Map(reading.lines.map((line) => [line.name, line]))),
      ...reading.lines.flatMap((line) => (line.role === "target" ? target(line) : [drawn(line, mark)])),
    ],
  };
}

/** Days are left out where they would overlap; each category is named, and slanted where there are many. */
function ticks({ isTime, isSlanted }: Reading) {
  if (isTime) return { minTickGap: 12 };
  return isSlanted ? { interval: 0, angle: -40, textAnchor: "end" as const, height: 96 } : { interval: 0 };
}

/** In the order of the series; by itself Recharts sorts by name. */
function legend(): Description {
  return { component: "Legend", props: { key: "legend", verticalAlign: "top", itemSorter: null, iconSize: 20, wrapperStyle: { paddingBottom: 8 } } };
}

function tooltip(lines: Map<unknown, Line>): Description {
  const places = [...lines.keys()];
  return {
    component: "Tooltip",
    props: {
      key: "tooltip",
      formatter: (value, name) => lines.get(name)?.write(typeof value === "number" ? value : null) ?? String(value),
      itemSorter: ({ name }) => places.indexOf(name),
    },
  };
}

function drawn(line: Line, mark: "line" | "area" | "bar"): Description {
  const isEarlier = line.role === "previous";
  const shared = {
    ...{ key: line.field, dataKey: line.field, name: line.name, stroke: line.color },
    ...(line.stack === undefined ? {} : { stackId: line.stack }),
    ...(isEarlier ? { strokeDasharray: "6 4" } : {}),
  };
  if (mark === "bar")
    return { component: "Bar", props: { ...shared, fill: line.color, fillOpacity: isEarlier ? FADED : 1 } };
  const dots = { strokeWidth: 2, type: "linear", legendType: "plainline", dot: { r: 2, strokeDasharray: "" } } as const;
  if (mark === "area") {
    const fillOpacity = isEarlier ? 0 : line.stack ? 0.6 : 0.25;
    return { component: "Area", props: { ...shared, ...dots, fill: line.color, fillOpacity } };
  }
  const { stackId: _, ...unstacked } = { stackId: undefined, ...shared };
  return { component: "Line", props: { ...unstacked, ...dots } };
}

/** A line across the whole chart, and an invisible one that the legend, the tooltip and the axis know. */
function target({ field, name, color, values }: Line): Description[] {
  const goal = values.find((value) => value !== null);
  if (goal == null) return [];
  const stroke = { stroke: color, strokeDasharray: "2 3", strokeWidth: 2 };
  return [
    { component: "Line", props: { ...stroke, key: field, dataKey: field, name, dot: false, legendType: "plainline", strokeOpacity: 0 } },
    { component: "ReferenceLine", props: { ...stroke, key: `${field} line`, y: goal } },
  ];
}

function pie(reading: Reading, options: Options): Description {
  const circles = rings(reading, options);
  const goal = targetText(reading);
  const chart: Description = {
    component: "PieChart",
    props: { key: "pie", responsive: true, style: SIZE },
    children: [
      legend(),
      ...circles.map((ring, place) => circle(ring, place, circles.length)),
    ],
  };
  return goal === undefined ? chart : captioned(chart, goal);
}

function circle({ slices }: Ring, place: number, count: number): Description {
  return {
    component: "Pie",
    props: {
      key: `ring ${place}`,
      data: slices.map((slice) => ({ ...slice, fill: slice.color })),
      dataKey: "value",
      nameKey: "name",
      startAngle: 90,
      endAngle: -270,
      innerRadius: `${(80 * (count - 1 - place)) / count}%`,
      outerRadius: `${(80 * (count - place)) / count - (place && 2)}%`,
      stroke: "#fff",
      fillOpacity: place ? 0.6 : 1,
      ...(place ? { legendType: "none" } : { label: ({ index }) => slices[index ?? 0]?.share ?? "" }),
    },
  };
}

function captioned(chart: Description, caption: string): Description {
  return {
    component: "div",
    props: {},
    children: [chart, { component: "div", props: { key: "caption", style: { textAlign: "center" } }, children: [caption] }],
  };
}

function numbers(reading: Reading, options: Options): Description {
  const shown = figures(reading, options.locale);
  return {
    component: "div",
    props: { style: { display: "flex", justifyContent: "space-around", textAlign: "center" } },
    children: shown.map(({ name, value, caption }) => ({
      component: "div",
      props: { key: name },
      children: [
        { component: "strong", props: { key: "value", style: { fontSize: figureSize(shown.length) } }, children: [value] },
        { component: "div", props: { key: "name" }, children: [name] },
        { component: "div", props: { key: "caption" }, children: [caption] },
      ],
    })),
  };
}

function table(reading: Reading): Description {
  const hasAxis = reading.axisName !== undefined;
  const right = { textAlign: "right", padding: "4px 12px" } as const;
  const left = { textAlign: "left", padding: "4px 12px" } as const;
  const heading = reading.lines.map(
    ({ field, name }): Html => ({ component: "th", props: { key: field, scope: "col", style: right }, children: [name] }),
  );
  const first: Html = { component: "th", props: { key: "axis", scope: "col", style: left }, children: [reading.axisName ?? ""] };
  const rows = reading.labels.map((label, row): Html => {
    const cells = reading.lines.map(
      ({ field, values, write }): Html => ({ component: "td", props: { key: field, style: right }, children: [write(values[row])] }),
    );
    const name: Html = { component: "th", props: { key: "axis", scope: "row", style: left }, children: [label] };
    return { component: "tr", props: { key: String(row) }, children: hasAxis ? [name, ...cells] : cells };
  });
  return {
    component: "table",
    props: { style: { borderCollapse: "collapse", width: "100%" } },
    children: [
      { component: "thead", props: { key: "head" }, children: [{ component: "tr", props: {}, children: hasAxis ? [first, ...heading] : heading }] },
      { component: "tbody", props: { key: "body" }, children: rows },
    ],
  };
}
