// The page of a running test: the latest figures every second, drawn into the same charts.

let begun = false;

function put(id, text) {
  document.getElementById(id).textContent = text;
}

function list(id, rows) {
  const place = document.getElementById(id);
  place.replaceChildren(...rows.map(([text, name]) => {
    const item = document.createElement("li");
    item.textContent = text;
    if (name) item.className = name;
    return item;
  }));
}

function numbers(found) {
  const rows = Object.entries(found).map(([name, value]) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const text = document.createElement("dd");
    term.textContent = name;
    text.textContent = value;
    row.append(term, text);
    return row;
  });
  document.getElementById("numbers").replaceChildren(...rows);
}

const columns = {
  throughput: (over) => [over.t, over.due, over.sent, over.answered, over.errors, over.dropped],
  latency: (over) => [over.t, ...["p50", "p90", "p99", "max"].map((name) => over.latency[name])],
  lateness: (over) => [over.t, ...["p50", "p90", "p99", "max"].map((name) => over.lateness[name])],
};

function lines(kind) {
  const at = { label: "at", value: (_, v) => moment(v) };
  if (kind === "throughput") {
    const rate = { value: (_, v) => number(v) };
    return [at, line("due a second", "faint", { ...rate, width: 4 }), line("sent", "accent", rate),
      line("answered", "good", rate), line("errors", "poor", rate), line("dropped", "c4", rate)];
  }
  const hues = { p50: "good", p90: "c1", p99: "c3", max: "poor" };
  return [at, ...Object.keys(hues).map((name) => line(LABELS[name], hues[name], { value: (_, v) => span(v) }))];
}

function begin(over) {
  for (const kind of Object.keys(columns)) {
    const isRate = kind === "throughput";
    chart(kind, () => ({
      cursor: { sync: { key: "time" }, y: false },
      series: lines(kind),
      scales: {
        x: { time: false },
        y: isRate ? { range: (_, low, high) => [0, (high || 1) * 1.08] } : logScale(),
      },
      axes: [timeAxis(), isRate ? rateAxis() : spanAxis()],
    }), columns[kind](over));
  }
  follow();
  begun = true;
}

function show(data) {
  put("told", data.told);
  put("title", data.title);
  put("verdict", data.verdict === "running" ? "" : "The test has ended: " + data.verdict + ".");
  document.querySelector("header").className = data.is_whole ? data.verdict : "";
  numbers(data.numbers);
  put("ledger", data.ledger);
  list("wrongs", Object.entries(data.wrongs).map(([why, count]) => [`${number(count)} ${why}`, "missed"]));
  list("thresholds", Object.entries(data.thresholds).map(([text, met]) => [text, met ? "met" : "missed"]));
  if (!data.over.t.length) return;
  if (!begun) begin(data.over);
  else made.forEach((entry) => {
    entry.data = columns[entry.place.id](data.over);
    entry.plot.setData(entry.data);
  });
}

async function look() {
  let isOver = false;
  try {
    const answer = await fetch("/data.json", { cache: "no-store" });
    const data = await answer.json();
    if (data) {
      show(data);
      isOver = data.is_whole;
    }
  } catch {
    put("told", "The test no longer answers: it has ended, or was stopped.");
  }
  if (!isOver) setTimeout(look, 1000);
}

readColours();
look();
