// The chosen press: its stages, its steps, and the life of its device.

const STAGES = ["device", "air", "queue", "answer"];
const KINDS = { press: 9, cancel: 7, move: 4 };

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
  if (hex !== undefined) item.append(make("code", "", hex), make("code", "values", values));
  return item;
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

function facts(device) {
  const box = make("dl", "facts");
  const pairs = [["serial", devices.serial[device]], ["customer", devices.customer[device]]];
  const strip = devices.strip[device];
  if (strip) {
    const lost = strip.lost ? `, ${strip.lost.toLocaleString("en")} of them lost` : "";
    pairs.push(["frames", `${strip.frames.toLocaleString("en")}${lost}`]);
    if (strip.died !== null) pairs.push(["battery", `empty since ${clock(strip.died)}`]);
  }
  for (const [name, value] of pairs) {
    if (value !== null && value !== "") box.append(make("dt", "", name), make("dd", "", value));
  }
  return box;
}

// Battery as a line; a tick for each frame, tall for a press; a lost one hangs below the line.
function drawStrip(canvas, strip, moment) {
  const { context, width, height } = pen(canvas);
  const floor = height - 20;
  const x = (t) => 1 + ((width - 2) * t) / (data.end || 1);
  const y = (level) => 4 + (floor - 18) * (1 - level / 100);
  context.strokeStyle = colours.rule;
  context.strokeRect(0.5, 0.5, width - 1, height - 1);
  context.strokeStyle = colours.accent;
  context.fillStyle = colours.accent;
  context.lineWidth = 1.5;
  context.beginPath();
  const levels = strip.points.filter((point) => point[1] !== null);
  levels.forEach((point) => context.lineTo(x(point[0]), y(point[1])));
  context.stroke();
  if (levels.length === 1) context.fillRect(x(levels[0][0]) - 1.5, y(levels[0][1]) - 1.5, 3, 3);
  for (const [t, , kind, lost] of strip.points) {
    const tall = KINDS[kind] ?? 4;
    context.fillStyle = lost ? colours.values[4] : kind === "press" ? colours.ink : colours.faint;
    context.fillRect(x(t), lost ? floor + 1 : floor - tall, 1.5, lost ? 9 : tall);
  }
  context.fillStyle = colours.rule;
  context.fillRect(0, floor, width, 1);
  context.fillStyle = colours.values[presses.outcome[chosen]] ?? colours.ink;
  context.fillRect(x(moment) - 0.5, 1, 1, height - 2);
}

function stripOf(at) {
  const box = make("div");
  const device = presses.device[at];
  box.append(make("h4", "", devices.name[device]), facts(device));
  const strip = devices.strip[device];
  if (strip && strip.points.length) {
    const canvas = make("canvas");
    canvas.id = "strip";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Battery and frames: ${strip.frames} frames, ${strip.lost} lost`);
    const thinned = strip.points.length < strip.frames ? `, ${strip.points.length} of ${strip.frames.toLocaleString("en")} frames` : "";
    box.append(canvas, make("p", "note", `Battery (line) and frames (ticks; lost ones below)${thinned}`));
  } else {
    box.append(make("p", "note", "Nothing more of this device is in this page."));
  }
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
  panel.replaceChildren(make("h3", "", presses.name[at]), badge, make("p", "why", why(at)), stageBar(at), steps(at), stripOf(at));
  panel.scrollTop = 0;
  redrawStrip();
}

function redrawStrip() {
  const canvas = byId("strip");
  if (canvas) drawStrip(canvas, devices.strip[presses.device[chosen]], presses.t[chosen]);
}
