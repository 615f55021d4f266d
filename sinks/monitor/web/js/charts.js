// One way to draw a chart: `latidoChart(element, (tokens) => option)`, in the page's colours and language.
// Text of tooltips is drawn, not written as HTML: nothing of a contact becomes markup, and the CSP stays strict.
(() => {
  "use strict";

  const LOCALES = { es: "ES", "pt-BR": "PT-br", en: "EN" };
  const charts = new Set();
  const options = new WeakMap();
  const PICTURE = { width: 1400, height: 700 };

  function tokens() {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(`--${name}`).trim();
    return { read, segment: (name) => read(`segment-${name}`) };
  }

  function common({ read }) {
    return {
      animationDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 300,
      backgroundColor: "transparent",
      textStyle: { fontFamily: read("face"), color: read("text") },
      tooltip: {
        renderMode: "richText",
        backgroundColor: read("surface"),
        borderColor: read("line-strong"),
        textStyle: { color: read("text"), fontSize: 13 },
      },
      legend: { textStyle: { color: read("text") } },
    };
  }

  function merged(base, option) {
    const tooltip = { ...base.tooltip, ...option.tooltip, renderMode: "richText" };
    return { ...base, ...option, tooltip, legend: option.legend && { ...base.legend, ...option.legend } };
  }

  window.latidoChart = (element, option) => {
    const chart = echarts.init(element, null, { renderer: "svg", locale: LOCALES[document.documentElement.lang] });
    const draw = () => chart.setOption(merged(common(tokens()), option(tokens())), true);
    draw();
    new ResizeObserver(() => chart.resize()).observe(element);
    charts.add(draw);
    options.set(element, option);
    return { chart, redraw: draw };
  };

  // The same chart as a PNG, in the page's colours on a ground of its own.
  window.latidoPicture = (element) => {
    const holder = document.createElement("div");
    const chart = echarts.init(holder, null, { renderer: "canvas", ...PICTURE });
    const seen = tokens();
    const option = merged(common(seen), options.get(element)(seen));
    chart.setOption({ ...option, animation: false, backgroundColor: seen.read("surface") });
    return new Promise((resolve) => {
      chart.getRenderedCanvas({ pixelRatio: 2 }).toBlob((picture) => {
        chart.dispose();
        resolve(picture);
      });
    });
  };

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((draw) => draw()));
  matchMedia("(max-width: 599px)").addEventListener("change", () => charts.forEach((draw) => draw()));
})();
