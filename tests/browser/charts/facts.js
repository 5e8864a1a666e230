// What a reader sees of a chart: read from the drawing itself, in each library's own marks.
const COLORS = globalThis.colors ?? ["#2563eb", "#e07b00", "#0e9f6e", "#b5359c", "#7c5ce0", "#c0392b"];
const TARGET = "#475569";

const hex = (color) => {
  const numbers = /^rgb\((\d+), ?(\d+), ?(\d+)/.exec(color ?? "");
  return numbers ? `#${numbers.slice(1).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}` : color;
};
const attribute = (shape, name) => hex(getComputedStyle(shape).getPropertyValue(name) || shape.getAttribute(name));
const isDashed = (shape) => !["", "none", "0", "1px, 0px", "1, 0"].includes(attribute(shape, "stroke-dasharray") ?? "");
const isVisible = (shape) => attribute(shape, "opacity") !== "0" && attribute(shape, "stroke-opacity") !== "0";
const select = (element, selector) => [...element.querySelectorAll(selector)].filter(isVisible);

// ECharts names nothing in its drawing. What is wider than a legend's icon and has a series' colour is a line or an area.
function echartsShapes(element) {
  const shapes = select(element, "path").filter((path) => path.getBBox().width > 80);
  return {
    strokes: shapes.filter((path) => attribute(path, "fill") === "none" && COLORS.includes(attribute(path, "stroke"))),
    fills: shapes.filter((path) => COLORS.includes(attribute(path, "fill")) && !path.hasAttribute("stroke")),
    targets: shapes.filter((path) => attribute(path, "fill") === "none" && attribute(path, "stroke") === TARGET),
  };
}

function echartsSeries(element, type, shape) {
  const instance = globalThis.echarts.getInstanceByDom(element);
  let count = 0;
  for (const series of instance.getModel().getSeriesByType(type))
    instance.getViewOfSeriesModel(series).group.traverse((each) => (count += each.type === shape ? 1 : 0));
  return count;
}

const marks = {
  ECharts(element) {
    const { strokes, fills, targets } = echartsShapes(element);
    const bars = echartsSeries(element, "bar", "rect");
    return {
      lines: strokes.filter((line) => !isDashed(line)).length,
      dashed: strokes.filter(isDashed).length,
      areas: bars ? 0 : fills.filter((path) => attribute(path, "fill-opacity") !== "1").length,
      bars,
      slices: echartsSeries(element, "pie", "sector"),
      targets: targets.filter(isDashed).length,
    };
  },
  "Vega-Lite"(element) {
    const lines = select(element, ".mark-line path");
    return {
      lines: lines.filter((line) => !isDashed(line)).length,
      dashed: lines.filter(isDashed).length,
      areas: select(element, ".mark-area path").length,
      bars: select(element, ".mark-rect.role-mark path").filter((bar) => !/[hv]0[hv]|h0/.test(bar.getAttribute("d"))).length,
      slices: select(element, ".mark-arc path").length,
      targets: select(element, ".mark-rule.role-mark line").length,
    };
  },
  Recharts(element) {
    const lines = select(element, ".recharts-line-curve, .recharts-area-curve");
    return {
      lines: lines.filter((line) => !isDashed(line)).length,
      dashed: lines.filter(isDashed).length,
      areas: select(element, ".recharts-area-area").filter((area) => attribute(area, "fill-opacity") !== "0").length,
      bars: select(element, ".recharts-bar-rectangle path").length,
      slices: select(element, ".recharts-pie-sector path").length,
      targets: select(element, ".recharts-reference-line line").length,
    };
  },
};

const KINDS = "text, strong, th, td, div, span, li";

/** The texts of a drawing, and the middle of each. */
function texts(element) {
  const leaves = [...element.querySelectorAll(KINDS)].filter(
    (node) => node.textContent.trim() && isVisible(node) && !node.querySelector(KINDS),
  );
  return leaves.map((node) => {
    const { x, y, width } = node.getBoundingClientRect();
    const lines = node.children.length ? [...node.children].map((line) => line.textContent) : [node.textContent];
    return { text: lines.join(" ").trim(), x: x + width / 2, y };
  });
}

globalThis.facts = (library, element) => ({ marks: marks[library](element), texts: texts(element) });
