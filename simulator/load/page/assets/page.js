// The charts of one load test, from the data in the page.

const data = JSON.parse(document.getElementById("data").textContent);
const over = data.over;
const sync = { key: "time" };
const cursor = { sync, y: false, points: { size: 6 } };
const timeScale = { time: false };

function throughput() {
  const bars = uPlot.paths.bars({ size: [1, Infinity], align: 1 });
  const bad = (label, colour) =>
    line(label, colour, { fill: () => colours[colour], width: 0, paths: bars, value: (_, v) => number(v) });
  const rate = { value: (_, v) => number(v) };
  const series = [
    { label: "at", value: (_, v) => moment(v) },
    line("due a second", "faint", { ...rate, width: 4 }),
    line("sent", "accent", rate),
    line("answered", "good", rate),
  ];
  const columns = [over.t, over.due, over.sent, over.answered];
  for (const [name, colour] of [["errors", "poor"], ["dropped", "c4"]]) {
    if (!over[name].some(Boolean)) continue;
    series.push(bad(name, colour));
    columns.push(over[name]);
  }
  const options = () => ({
    cursor, series,
    scales: { x: timeScale, y: { range: (_, low, high) => [0, (high || 1) * 1.08] } },
    axes: [timeAxis(), rateAxis()],
  });
  chart("throughput", options, columns);
}

const HUES = { p50: "good", p90: "c1", p99: "c3", max: "poor" };

function overTime(id, what) {
  const found = over[what];
  const options = () => ({
    cursor,
    series: [
      { label: "at", value: (_, v) => moment(v) },
      ...Object.keys(HUES).map((name) =>
        line(LABELS[name], HUES[name], { value: (_, v) => span(v), width: name === "max" ? 1 : 1.6 })),
    ],
    scales: { x: timeScale, y: logScale() },
    axes: [timeAxis(), spanAxis()],
  });
  chart(id, options, [over.t, ...Object.keys(HUES).map((name) => found[name])]);
}

// Cells are coloured by the share of the messages of their column: a column of few stays readable.
function heat() {
  const { cells, edges } = data.heat;
  if (!cells.length) return;
  const most = Array(over.t.length).fill(0);
  for (const [at, , count] of cells) most[at] = Math.max(most[at], count);
  const paint = (u) => {
    const { ctx } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    ctx.clip();
    ctx.fillStyle = colours.accent;
    for (const [at, bin, count] of cells) {
      const left = u.valToPos(over.t[at], "x", true);
      const right = u.valToPos(over.t[at] + over.width, "x", true);
      const top = u.valToPos(edges[bin + 1], "y", true);
      const bottom = u.valToPos(edges[bin], "y", true);
      ctx.globalAlpha = 0.12 + 0.88 * Math.sqrt(count / most[at]);
      ctx.fillRect(Math.floor(left), Math.floor(top), Math.ceil(right - left), Math.ceil(bottom - top));
    }
    ctx.restore();
  };
  const bins = cells.map((cell) => cell[1]);
  const low = edges[Math.min(...bins)];
  const high = edges[Math.max(...bins) + 1];
  const options = () => ({
    cursor: { sync, points: { show: false } },
    series: [
      { label: "at", value: (_, v) => moment(v) },
      line("median", "ink", { width: 1, dash: [3, 3], value: (_, v) => span(v) }),
    ],
    scales: {
      x: { time: false, range: [over.t[0], over.t[over.t.length - 1] + over.width] },
      y: { ...logScale(), range: [low, high] },
    },
    axes: [timeAxis(), spanAxis()],
    hooks: { drawClear: [paint] },
  });
  chart("heat", options, [over.t, over.latency.p50]);
}

const NINES = [0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999];

// The axis of an HDR plot: each step to the right is ten times rarer.
function curves() {
  const palette = ["accent", "good", "c3", "c4", "c5", "poor", "c1", "c2", "ink", "soft", "c0"];
  const longest = data.curves.reduce((a, b) => (a.y.length > b.y.length ? a : b), { x: [], y: [] });
  const columns = [longest.x, ...data.curves.map((curve) => longest.x.map((_, at) => curve.y[at] ?? null))];
  const options = () => ({
    cursor: { y: false, points: { size: 6 } },
    series: [
      { label: "share", value: (_, v) => (v === null ? "–" : trim(100 * (1 - 10 ** -v)) + " %") },
      ...data.curves.map((curve, at) =>
        line(curve.name, palette[at % palette.length], {
          value: (_, v) => span(v), width: curve.whole ? 2.5 : 1.3, show: curve.shown,
          dash: at >= palette.length ? [4, 3] : undefined,
        })),
    ],
    scales: { x: { time: false, range: [0, Math.max(1, longest.x[longest.x.length - 1] || 1)] }, y: logScale() },
    axes: [
      axis((tick) => trimmed(1 - 10 ** -tick), {
        splits: (u) => NINES.map((share) => -Math.log10(1 - share)).filter((x) => x <= u.scales.x.max),
      }),
      spanAxis(),
    ],
  });
  chart("curves", options, columns);
}

function trimmed(share) {
  return +(share * 100).toFixed(4) + " %";
}

// Means add up, percentiles do not: so the stack is of means.
function stack() {
  const parts = over.stack;
  const names = Object.keys(parts);
  const hues = { lateness: "c4", queue: "c3", service: "accent" };
  const sums = names.map(() => []);
  over.t.forEach((_, at) => {
    let total = 0;
    names.forEach((name, row) => {
      const value = parts[name][at];
      total += value ?? 0;
      sums[row][at] = value === null ? null : total;
    });
  });
  const order = [...names.keys()].reverse(); // the tallest is drawn first, the lower ones over it
  const options = () => ({
    cursor,
    series: [
      { label: "at", value: (_, v) => moment(v) },
      ...order.map((row) =>
        line(names[row], hues[names[row]], {
          fill: () => colours[hues[names[row]]], width: 0,
          value: (u, _, __, at) => span(at === null ? null : parts[names[row]][at]),
        })),
    ],
    scales: { x: timeScale, y: { range: (_, low, high) => [0, (high || 1e-3) * 1.08] } },
    axes: [timeAxis(), axis(span, { size: 64 })],
  });
  chart("stack", options, [over.t, ...order.map((row) => sums[row])]);
}

function start() {
  for (const section of document.querySelectorAll(".live")) section.hidden = false;
  readColours();
  if (over.t.length) {
    throughput();
    overTime("latency", "latency");
    heat();
    stack();
    overTime("lateness", "lateness");
  }
  if (data.curves.length) curves();
  follow();
}

start();
