// The page that charts are drawn in: what an application writes for each library, and nothing besides.
import * as echarts from "echarts";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import * as Recharts from "recharts";
import embed from "vega-embed";
import { toECharts } from "../../../clients/typescript/src/charts/echarts.ts";
import { draw, toRecharts } from "../../../clients/typescript/src/charts/recharts.ts";
import { toVegaLite } from "../../../clients/typescript/src/charts/vega-lite.ts";

export const libraries = {
  ECharts: (element, chart, options) => echarts.init(element, null, { renderer: "svg" }).setOption(toECharts(chart, options)),
  "Vega-Lite": (element, chart, options) => embed(element, toVegaLite(chart, options), { renderer: "svg", actions: false }),
  Recharts: (element, chart, options) =>
    createRoot(element).render(draw(toRecharts(chart, options), Recharts, createElement)),
};
Object.assign(globalThis, { libraries, echarts });
