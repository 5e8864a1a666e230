import type { BarSeriesOption, EChartsOption, LineSeriesOption, PieSeriesOption } from "echarts";
import type { ChartData } from "./data.js";
import { figures, figureSize, readChart, rings, targetText, wrap, type Line, type Options, type Reading } from "./reading.js";

export type { ChartData, Options };

const HEIGHT = 320;
const HEAD_HEIGHT = 56;
const ROW_HEIGHT = 26;

/** How high the element of a chart should be, in pixels. ECharts does not scroll, so that a table needs room for its rows. */
export function heightOf(chart: ChartData): number {
  return chart.chartType === "table" ? 2 * PADDING + tableHeight(chart.rows.length) : HEIGHT;
}

const PADDING = 8;

function tableHeight(rows: number): number {
  return HEAD_HEIGHT + ROW_HEIGHT * rows;
}

/** The option that ECharts 6 draws a chart from: `echarts.init(element).setOption(toECharts(chart))`. */
export function toECharts(chart: ChartData, options: Options = {}): EChartsOption {
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

function cartesian(reading: Reading, mark: "line" | "area" | "bar"): EChartsOption {
  return {
    aria: { enabled: true },
    legend: { type: "scroll", top: 0, data: reading.lines.map(legendItem) },
    grid: { top: 48, right: 40, bottom: 16, left: 16 },
    tooltip: { trigger: "axis" },
    xAxis: {
      type: "category",
      data: reading.labels,
      boundaryGap: mark === "bar" || reading.labels.length < 2,
      axisLabel: reading.isTime ? { hideOverlap: true } : { interval: 0, rotate: reading.isSlanted ? 40 : 0 },
      ...(reading.axisName === undefined ? {} : { name: reading.axisName, nameLocation: "middle", nameGap: 28 }),
    },
    yAxis: { type: "value", axisLabel: { formatter: (value: number) => reading.write(value) } },
    series: reading.lines.map((line) => (line.role === "target" ? target(line) : drawn(line, mark))),
  };
}

/** The dots of a target, whose own line is invisible below the one across the grid. */
function legendItem({ name, role, color }: Line) {
  return role === "target" ? { name, icon: "path://M0,0h4v4h-4zM8,0h4v4h-4zM16,0h4v4h-4z", itemStyle: { color } } : { name };
}

function drawn(line: Line, mark: "line" | "area" | "bar"): LineSeriesOption | BarSeriesOption {
  const isEarlier = line.role === "previous";
  const shared = {
    name: line.name,
    data: line.values,
    color: line.color,
    tooltip: { valueFormatter: valueFormatter(line) },
    ...(line.stack === undefined ? {} : { stack: line.stack }),
  };
  if (mark === "bar") {
    const faded = { opacity: 0.4, borderColor: line.color, borderType: "dashed", borderWidth: 1 } as const;
    return { ...shared, type: "bar", itemStyle: isEarlier ? faded : {} };
  }
  return {
    ...shared,
    type: "line",
    symbolSize: 4,
    lineStyle: { type: isEarlier ? "dashed" : "solid", width: 2 },
    ...(mark === "area" && !isEarlier ? { areaStyle: { opacity: line.stack ? 0.6 : 0.25 } } : {}),
  };
}

/** A line across the whole grid; its data are there for the axis to reach it and for the tooltip. */
function target(line: Line): LineSeriesOption {
  const goal = line.values.find((value) => value !== null);
  const style = { color: line.color, type: "dotted", width: 2 } as const;
  return {
    name: line.name,
    type: "line",
    data: line.values,
    color: line.color,
    symbol: "none",
    lineStyle: { ...style, opacity: 0 },
    tooltip: { valueFormatter: valueFormatter(line) },
    ...(goal == null
      ? {}
      : { markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: style, data: [{ yAxis: goal }] } }),
  };
}

function valueFormatter(line: Line) {
  return (value: unknown): string => line.write(typeof value === "number" ? value : null);
}

function pie(reading: Reading, options: Options): EChartsOption {
  const circles = rings(reading, options);
  const width = 60 / circles.length;
  const goal = targetText(reading);
  return {
    aria: { enabled: true },
    legend: { type: "scroll", top: 0 },
    tooltip: { trigger: "item" },
    ...(goal === undefined ? {} : { title: { text: goal, left: "center", bottom: 0, textStyle: { fontSize: 14 } } }),
    series: circles.map(
      ({ name, slices }, place): PieSeriesOption => ({
        name,
        type: "pie",
        center: ["50%", "54%"],
        radius: [`${width * (circles.length - 1 - place)}%`, `${width * (circles.length - place) - (place && 2)}%`],
        data: slices.map(({ name: slice, value, color }) => ({ name: slice, value, itemStyle: { color } })),
        label: { show: place === 0, lineHeight: 16, formatter: ({ dataIndex }) => labelOf(slices[dataIndex]) },
        labelLine: { length: 8, length2: 4 },
        tooltip: { valueFormatter: (_, index) => slices[index]?.text ?? "" },
        itemStyle: { borderColor: "#fff", borderWidth: 1, opacity: place === 0 ? 1 : 0.6 },
      }),
    ),
  };
}

function labelOf(slice: { name: string; share: string } | undefined): string {
  return slice ? `${slice.name}\n${slice.share}` : "";
}

function numbers(reading: Reading, options: Options): EChartsOption {
  const shown = figures(reading, options.locale);
  return {
    title: shown.map(({ name, value, caption }, place) => ({
      text: value,
      subtext: caption ? `${name}\n${caption}` : name,
      left: `${(100 * (place + 0.5)) / shown.length}%`,
      top: "middle",
      textAlign: "center",
      itemGap: 8,
      textStyle: { fontSize: figureSize(shown.length), lineHeight: 56 },
      subtextStyle: { fontSize: 14, lineHeight: 20 },
    })),
  };
}

function table(reading: Reading): EChartsOption {
  const body = reading.lines.flatMap(({ values, write }, column) =>
    values.map((value, row) => ({ coord: [column, row], value: write(value) })),
  );
  return {
    matrix: {
      ...{ top: PADDING, left: PADDING, right: PADDING, height: tableHeight(reading.labels.length) },
      x: { data: reading.lines.map(({ name }) => wrap(name)), levelSize: HEAD_HEIGHT, label: { fontWeight: "bold", lineHeight: 16 } },
      y: { data: reading.labels.map((value) => ({ value })), show: reading.axisName !== undefined },
      corner: { data: [{ coord: [-1, -1], value: reading.axisName ?? "" }], label: { fontWeight: "bold" } },
      body: { data: body },
    },
  };
}
