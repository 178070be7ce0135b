// Charts of a load test over uPlot: axes that read durations, colours that follow the page.

const LABELS = { p50: "p50", p90: "p90", p99: "p99", max: "slowest" };
let colours = {};

function readColours() {
  const style = getComputedStyle(document.documentElement);
  colours = {};
  for (const name of ["paper", "card", "ink", "soft", "faint", "rule", "wash", "accent", "good", "poor", "void",
    "c0", "c1", "c2", "c3", "c4", "c5", "c6"]) {
    colours[name] = style.getPropertyValue("--" + name).trim();
  }
}

function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const size = Math.abs(seconds);
  if (size === 0) return "0";
  if (size < 1e-6) return (seconds * 1e9).toPrecision(3).replace(/\.?0+$/, "") + " ns";
  if (size < 1e-3) return trim(seconds * 1e6) + " µs";
  if (size < 1) return trim(seconds * 1e3) + " ms";
  if (size < 60) return trim(seconds) + " s";
  return trim(seconds / 60) + " min";
}

function trim(value) {
  const text = value >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function moment(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 120) return +seconds.toFixed(1) + " s";
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes < 60) return `${minutes}:${String(rest).padStart(2, "0")} min`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")} h`;
}

function number(value) {
  return value === null || value === undefined ? "–" : (+value.toPrecision(4)).toLocaleString("en");
}

function axis(values, extra) {
  return {
    stroke: () => colours.soft,
    font: "12px system-ui, sans-serif",
    grid: { stroke: () => colours.rule, width: 1 },
    ticks: { stroke: () => colours.rule, width: 1, size: 4 },
    values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : values(tick))),
    ...extra,
  };
}

const timeAxis = () => axis(moment, { space: 70 });
const rateAxis = () => axis(number, { size: 64 });

// On a logarithmic axis only the powers of ten and their 2 and 5 are written, where there is room.
function spanAxis() {
  return axis(span, {
    size: 64,
    filter: (u, ticks) => {
      const decades = Math.log10(u.scales.y.max / u.scales.y.min);
      return ticks.map((tick) => {
        const lead = Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9));
        return lead === 1 || (decades < 3 && (lead === 2 || lead === 5)) ? tick : null;
      });
    },
  });
}

const logScale = () => ({ distr: 3, log: 10 });

function line(label, colour, extra) {
  return { label, stroke: () => colours[colour], width: 1.5, points: { show: false }, ...extra };
}

const made = [];

// Draw a chart into the element of this id, and again when it or the colours change.
function chart(id, options, data) {
  const place = document.getElementById(id);
  if (!place) return;
  const entry = { place, options, data, plot: null };
  made.push(entry);
  draw(entry);
}

function draw(entry) {
  if (entry.plot) entry.plot.destroy();
  const base = {
    width: entry.place.clientWidth || 800,
    height: entry.height || Number(entry.place.dataset.height) || 260,
    cursor: { y: false, points: { size: 6 } },
    legend: { live: true },
    padding: [12, 12, 0, 0],
  };
  entry.plot = new uPlot({ ...base, ...entry.options() }, entry.data, entry.place);
}

function redrawAll() {
  readColours();
  made.forEach(draw);
}

function follow() {
  let wide = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === wide) return;
    wide = innerWidth;
    redrawAll();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
}
