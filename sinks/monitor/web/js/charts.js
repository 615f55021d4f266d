// One way to draw a chart: `latidoChart(element, (tokens) => option)`, in the page's colours and language.
// Text of tooltips is drawn, not written as HTML: nothing of a contact becomes markup, and the CSP stays strict.
(() => {
  "use strict";

  const LOCALES = { es: "ES", "pt-BR": "PT-br", en: "EN" };
  const charts = new Set();

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
    return { chart, redraw: draw };
  };

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((draw) => draw()));
})();
