// The chosen press: its stages, its steps, and the life of its device.

const STAGES = ["device", "air", "queue", "answer"];

function stageBar(at) {
  const spans = presses.stages[at].slice(0, STAGES.length);
  const box = make("div");
  if (spans.every((value) => value === null)) return box;
  const bar = make("div", "spans");
  const legend = make("p", "legend");
  const whole = spans.reduce((sum, value) => sum + (value ?? 0), 0) || 1;
  spans.forEach((value, stage) => {
    if (value === null) return;
    const piece = make("i", `s${stage}`);
    piece.style.flexGrow = String((value ?? 0) / whole);
    const word = make("span");
    word.append(make("i", `dot s${stage}`), `${STAGES[stage]} ${span(value)}`);
    bar.append(piece);
    legend.append(word);
  });
  box.append(bar, legend);
  return box;
}

function stepOf([t, station, text, hex, values], place, all) {
  const item = make("li", station);
  const time = make("time", "", place ? `+${span(t - all[0][0])}` : clock(t));
  time.title = clock(t, 3);
  item.append(time, make("span", "station", `${station} `), text);
  if (hex !== undefined) item.append(station === "http" || station === "webhook" ? bodies(hex, values) : pieces(hex, values));
  return item;
}

function pieces(hex, values) {
  const box = make("div");
  box.append(make("code", "", hex), make("code", "values", values));
  return box;
}

// What was sent and answered is folded: a press has many of them.
function bodies(sent, answered) {
  const box = make("details");
  box.append(make("summary", "", answered ? "request and answer" : "body"), make("code", "values", pretty(sent)));
  if (answered) box.append(make("code", "values", pretty(answered)));
  return box;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}

function steps(at) {
  const box = make("div");
  const known = presses.steps[at];
  if (!known) {
    box.append(make("p", "note", "The steps of this press are not in this page; the journal has them."));
    return box;
  }
  const items = make("ol", "steps");
  items.append(...known.map(stepOf));
  box.append(items);
  if (presses.more[at]) box.append(make("p", "note", `and ${presses.more[at]} more records of this press`));
  return box;
}

function lifeOf(at) {
  const device = presses.device[at];
  const box = make("div");
  box.append(make("h4", "", devices.name[device]), stripOf(device));
  const only = make("button", "", "Only this device");
  only.type = "button";
  only.addEventListener("click", () => onlyDevice(device));
  const line = make("p", "note");
  line.append(only);
  box.append(line);
  return box;
}

function showPress(at) {
  const panel = byId("press");
  if (at < 0) {
    panel.replaceChildren(make("p", "note", total ? "Choose a press." : "Nobody pressed."));
    return;
  }
  const badge = make("div", "badge");
  const callout = presses.callout[at] === null ? "" : `, callout ${presses.callout[at]}`;
  badge.append(make("i", `dot c${presses.outcome[at]}`), data.outcomes[presses.outcome[at]] + callout);
  panel.replaceChildren(make("h3", "", presses.name[at]), badge, make("p", "why", why(at)), stageBar(at), steps(at), lifeOf(at));
  panel.scrollTop = 0;
  redrawStrips();
}
