"use strict";
(() => {
  const root = document.documentElement;
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const sections = [...document.querySelectorAll("section.grid")];
  const windows = new Map(); // group of charts -> the [from, to] in ms that they are zoomed to
  const touch = matchMedia("(pointer: coarse)").matches;
  const config = {
    displaylogo: false, responsive: true, showSendToCloud: false, plotlyServerURL: "",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "resetScale2d", "toggleSpikelines"],
  };
  const PAPER_WIDTH = 680;

  // Figures name their colours by CSS variable, so that each theme has its own.
  const colored = (value, style) => {
    if (typeof value === "string") return value.startsWith("var(") ? style.getPropertyValue(value.slice(4, -1)).trim() : value;
    if (Array.isArray(value)) return typeof value[0] === "number" ? value.slice() : value.map((item) => colored(item, style));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, colored(item, style)]));
  };

  const dressed = (layout, style, width) => {
    const color = (name) => style.getPropertyValue(name).trim();
    const narrow = width < 420;
    const { fontFamily: family } = getComputedStyle(document.body);
    const muted = { color: color("--muted"), size: narrow ? 11 : 12 };
    for (const axis of [layout.xaxis, layout.yaxis]) {
      axis.tickfont = muted;
      if (axis.title) axis.title = { ...axis.title, font: muted, standoff: 8 };
    }
    if (narrow && layout.yaxis.title) delete layout.yaxis.title;
    return {
      ...layout,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family, size: 12, color: color("--text") },
      margin: { l: narrow ? 52 : 76, r: 12, t: narrow ? 60 : 32, b: layout.xaxis.title ? 48 : 40 },
      legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)", font: muted },
      hoverlabel: { bgcolor: color("--surface"), bordercolor: color("--faint"), font: { family, size: 12, color: color("--text") } },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: color("--faint"), activecolor: color("--muted") },
      dragmode: touch ? false : "zoom",
    };
  };

  const draw = (div, width) => {
    const style = getComputedStyle(root);
    const figure = colored(charts[div.id], style);
    const layout = dressed(figure.layout, style, width || div.clientWidth);
    if (width) layout.width = width;
    const zoomed = windows.get(div.dataset.group);
    if (zoomed) Object.assign(layout, { xaxis: { ...layout.xaxis, range: zoomed }, yaxis: { ...layout.yaxis, range: fitted(div, zoomed) } });
    const fresh = !div.classList.contains("drawn");
    Plotly.react(div, figure.data, layout, { ...config, doubleClick: div.dataset.group ? false : "reset" });
    div.classList.add("drawn");
    if (fresh && div.dataset.group) link(div);
  };

  // --- one zoom for the charts of a grid; heights follow what is in sight ------------------------------

  const millis = (value) => {
    if (typeof value === "number") return value;
    const text = value.replace(" ", "T");
    return Date.parse(text.length > 10 ? `${text}Z` : text);
  };

  const fitted = (div, [from, to]) => {
    let low = Infinity, high = -Infinity;
    for (const trace of charts[div.id].data) {
      if (trace.mode === "markers") continue;
      const first = Math.max(trace.x.findIndex((x) => x >= from) - 1, 0);
      for (let i = first; i < trace.x.length && (i === first || trace.x[i - 1] <= to); i += 1) {
        low = Math.min(low, (trace.low || trace.y)[i]);
        high = Math.max(high, (trace.high || trace.y)[i]);
      }
    }
    const air = (high - low) * 0.05 || Math.abs(high) * 0.01 || 1;
    const floor = div.classList.contains("drawdown");
    return [low - air, floor ? 0 : high + air];
  };

  const peers = (group) => [...document.querySelectorAll(".chart.drawn")].filter((div) => div.dataset.group === group);

  const look = (group, zoomed) => {
    if (zoomed) windows.set(group, zoomed);
    else windows.delete(group);
    for (const div of peers(group)) {
      const { xaxis, yaxis } = charts[div.id].layout;
      const whole = yaxis.range ? { "yaxis.range": [...yaxis.range] } : { "yaxis.autorange": true };
      div.linking = true;
      Plotly.relayout(div, {
        "xaxis.range": zoomed || [...xaxis.range],
        ...(zoomed ? { "yaxis.range": fitted(div, zoomed) } : whole),
      }).then(() => { div.linking = false; });
    }
  };

  const link = (div) => {
    const group = div.dataset.group;
    div.on("plotly_relayout", (change) => {
      if (!div.linking && Object.keys(change).some((key) => key.startsWith("xaxis"))) look(group, div.layout.xaxis.range.map(millis));
    });
    div.on("plotly_doubleclick", () => look(group, null));
  };

  // --- one grid at a time, dressed for the screen or for paper ------------------------------------------

  const inSight = () => [...document.querySelectorAll(".chart")].filter((div) => !div.closest("[hidden]"));

  const show = () => {
    const wanted = document.getElementById(location.hash.slice(1));
    const shown = sections.includes(wanted) ? wanted : sections[0];
    for (const section of sections) section.hidden = section !== shown;
    for (const tab of document.querySelectorAll("nav a")) {
      if (shown && tab.hash === `#${shown.id}`) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    for (const div of inSight()) {
      draw(div);
      Plotly.Plots.resize(div); // it may have been drawn for paper, or before the window changed
    }
    return shown;
  };

  addEventListener("hashchange", () => { const shown = show(); if (shown) shown.scrollIntoView(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  addEventListener("beforeprint", () => {
    root.dataset.theme = "light";
    for (const div of inSight()) draw(div, PAPER_WIDTH);
  });
  addEventListener("afterprint", () => { delete root.dataset.theme; show(); });
  show();
})();
