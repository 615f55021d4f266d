// What each kind of chart looks like. Data comes as JSON beside the element; nothing of it becomes markup.
(() => {
  "use strict";

  const language = document.documentElement.dataset.locale;
  const number = new Intl.NumberFormat(language);
  const money = (currency) => new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(language, { notation: "compact" });
  const dayFormat = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short", timeZone: "UTC" });
  const day = (iso) => dayFormat.format(new Date(`${iso}T00:00:00Z`));
  const narrow = () => innerWidth < 600;

  // A colour of the tokens, seen through; opacity would take its label along.
  const faint = (hex, share) => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
    return `rgba(${r}, ${g}, ${b}, ${share.toFixed(3)})`;
  };

  const axis = ({ read }) => ({
    axisLine: { lineStyle: { color: read("line-strong") } },
    axisTick: { show: false },
    axisLabel: { color: read("muted"), hideOverlap: true },
    splitLine: { lineStyle: { color: read("line") } },
  });

  const kinds = {
    sales: (data) => (tokens) => ({
      grid: { left: 8, right: 8, top: 40, bottom: 8, containLabel: true },
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8 },
      tooltip: { trigger: "axis" },
      xAxis: { type: "category", data: data.days.map(day), ...axis(tokens) },
      yAxis: [
        { type: "value", ...axis(tokens), axisLabel: { color: tokens.read("muted"), formatter: (v) => short.format(v) } },
        { type: "value", minInterval: 1, ...axis(tokens), splitLine: { show: false } },
      ],
      series: [
        {
          name: data.words.revenue, type: "bar", data: data.revenue, barMaxWidth: 28,
          itemStyle: { color: tokens.read("accent"), borderRadius: [3, 3, 0, 0] },
          tooltip: { valueFormatter: (v) => money(data.currency).format(v) },
        },
        {
          name: data.words.orders, type: "line", yAxisIndex: 1, data: data.orders, symbol: "circle", symbolSize: 5,
          showSymbol: data.days.length < 40, lineStyle: { width: 2 }, color: tokens.segment("at_risk"),
          tooltip: { valueFormatter: (v) => number.format(v) },
        },
      ],
    }),

    trend: (data) => (tokens) => ({
      grid: { left: 8, right: 12, top: 8, bottom: narrow() ? 120 : 70, containLabel: true },
      legend: { bottom: 0, left: 0, itemWidth: 12, itemHeight: 12, icon: "roundRect", type: narrow() ? "scroll" : "plain" },
      tooltip: { trigger: "axis", order: "seriesDesc", valueFormatter: (v) => number.format(v) },
      xAxis: { type: "category", boundaryGap: false, data: data.days.map(day), ...axis(tokens) },
      yAxis: { type: "value", ...axis(tokens), axisLabel: { color: tokens.read("muted"), formatter: (v) => short.format(v) } },
      series: [...data.series].reverse().map((one) => ({
        name: one.name, type: "line", stack: "base", data: one.contacts, showSymbol: false, color: tokens.segment(one.segment),
        areaStyle: { opacity: 0.82 }, lineStyle: { width: 1, color: tokens.read("surface") }, emphasis: { focus: "series" },
      })),
    }),

    flow: (data) => (tokens) => {
      const colour = (name) => (name === "new" ? tokens.read("accent") : name === "erased" ? tokens.read("bad") : tokens.segment(name));
      const side = (names, prefix, position) =>
        names.map((name, place) => ({
          name: `${prefix}${name}`, depth: prefix === "a:" ? 0 : 1, itemStyle: { color: colour(name), borderWidth: 0 },
          label: { position, formatter: narrow() ? "" : data.names[name] }, place,
        }));
      return {
        tooltip: {
          formatter: ({ dataType, data: one, value }) =>
            dataType === "edge"
              ? `${data.names[one.source.slice(2)]} → ${data.names[one.target.slice(2)]}\n${data.words.contacts}: ${number.format(one.value)}`
              : `${data.names[one.name.slice(2)]}\n${data.words.contacts}: ${number.format(value)}`,
        },
        series: [
          {
            type: "sankey", left: narrow() ? 8 : 150, right: narrow() ? 8 : 150, top: 12, bottom: 12, nodeGap: 10, nodeWidth: 14,
            layoutIterations: 0, draggable: false, emphasis: { focus: "adjacency" },
            label: { color: tokens.read("text"), fontSize: 12, distance: 8 },
            lineStyle: { color: "source", opacity: 0.32, curveness: 0.5 },
            data: [...side(data.sources, "a:", "left"), ...side(data.targets, "b:", "right")],
            links: data.links.map((one) => ({ source: `a:${one.source}`, target: `b:${one.target}`, value: one.contacts })),
          },
        ],
      };
    },

    map: (data) => (tokens) => {
      const most = Math.max(1, ...data.cells.map((cell) => cell.contacts));
      const strength = (n) => (n ? 0.3 + (0.7 * Math.log1p(n)) / Math.log1p(most) : 0.06);
      const across = Array.from({ length: 25 }, (_, i) => `${Math.floor(i / 5) + 1}·${(i % 5) + 1}`);
      return {
        grid: { left: 44, right: 12, top: 12, bottom: 56 },
        tooltip: {
          formatter: ({ data: one }) =>
            `${one.cell.name}\n${data.words.recency} ${one.cell.r} · ${data.words.frequency} ${one.cell.f} · ${data.words.value} ${one.cell.m}\n${data.words.contacts}: ${number.format(one.cell.contacts)}`,
        },
        xAxis: {
          type: "category", data: across, name: `${data.words.frequency} · ${data.words.value}`, nameLocation: "middle", nameGap: 32,
          nameTextStyle: { color: tokens.read("muted") }, ...axis(tokens), splitLine: { show: false },
          axisLabel: { color: tokens.read("muted"), interval: 0, fontSize: 11 },
        },
        yAxis: {
          type: "category", data: ["1", "2", "3", "4", "5"], name: data.words.recency, nameLocation: "middle", nameGap: 26,
          nameTextStyle: { color: tokens.read("muted") }, ...axis(tokens), splitLine: { show: false },
        },
        series: [
          {
            type: "heatmap", animation: false,
            data: data.cells.map((cell) => ({
              value: [(cell.f - 1) * 5 + cell.m - 1, cell.r - 1, cell.contacts], cell,
              itemStyle: {
                color: faint(tokens.segment(cell.segment), strength(cell.contacts)), borderColor: tokens.read("surface"),
                borderWidth: 2, borderRadius: 4,
              },
              label: {
                show: cell.contacts > 0, formatter: number.format(cell.contacts), fontSize: 12, fontWeight: 600,
                color: tokens.read("text"), textBorderColor: tokens.read("surface"), textBorderWidth: 3,
              },
            })),
          },
        ],
      };
    },
  };

  function follow(element, data, chart) {
    if (element.dataset.drawing === "flow") {
      chart.on("click", ({ dataType, data: one }) => {
        const [source, target] = [one.source, one.target].map((name) => name?.slice(2));
        if (dataType === "edge" && target !== "erased") location.href = `${data.href}&source=${source}&target=${target}`;
      });
      return;
    }
    if (element.dataset.drawing !== "map") return;
    chart.on("click", ({ data: one }) => {
      if (!one?.cell?.contacts) return;
      const { r, f, m } = one.cell;
      location.href = `${data.href}&r=${r}&f=${f}&m=${m}`;
    });
  }

  const drawn = new WeakMap();

  window.latidoDraw = (id) => {
    const element = document.getElementById(id);
    if (!element) return;
    const read = () => JSON.parse(document.getElementById(`${id}-data`).textContent);
    const known = drawn.get(element);
    if (known) {
      known.redraw();
      return;
    }
    element.replaceChildren();
    const made = window.latidoChart(element, (tokens) => kinds[element.dataset.drawing](read())(tokens));
    drawn.set(element, made);
    follow(element, read(), made.chart);
  };

  const drawAll = () => {
    for (const element of document.querySelectorAll("[data-drawing]")) if (!drawn.has(element)) window.latidoDraw(element.id);
  };
  drawAll();
  document.addEventListener("htmx:after:swap", drawAll);
})();
