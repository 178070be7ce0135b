// The life of one device: battery, state, positions and coverage over the run, by one moment.

const STATES = ["calm", "emergency", "dead"];
const TALL = { p: 9, c: 7, m: 4 };
const NEAR_M = 50;

// Which frame is the last before a moment; -1 before the first.
function frameAt(strip, now) {
  let low = 0;
  let high = strip.t.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (strip.t[middle] <= now) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function stateAt(strip, now) {
  let state = 0;
  for (const [t, next] of strip.states) if (t <= now) state = next;
  return STATES[state];
}

// How far from home, in metres north and east; the way is told where it changes.
function wayAt(strip, now) {
  const frame = frameAt(strip, now);
  let way = [0, 0];
  for (const [at, north, east] of strip.ways) {
    if (at > frame) break;
    way = [north, east];
  }
  return way;
}

function tellMoment(strip, now) {
  const at = frameAt(strip, now);
  if (at < 0) return `${clock(now, 0)}: not heard of yet`;
  const battery = strip.battery[at] === null ? "" : `battery ${strip.battery[at]} %, `;
  const fix = strip.fixes.filter(([frame]) => frame <= at).pop();
  const position = fix ? `, position off by ${fix[1]} m` : "";
  return `${clock(now, 0)}: ${battery}${stateAt(strip, now)}${position}`;
}

function drawStates(context, strip, x, top, tall) {
  const marks = [[0, 0], ...strip.states, [data.end || 1, -1]];
  for (let at = 0; at + 1 < marks.length; at++) {
    const [t, state] = marks[at];
    context.fillStyle = state === 1 ? colours.values[6] : state === 2 ? colours.ink : colours.rule;
    context.fillRect(x(t), top, Math.max(1, x(marks[at + 1][0]) - x(t)), tall);
  }
}

// From a frame that arrived to the next one the device is covered; from a lost one on, it is not.
function drawCoverage(context, strip, x, top, tall) {
  for (let at = 0; at < strip.t.length; at++) {
    const ends = at + 1 < strip.t.length ? strip.t[at + 1] : data.end;
    context.fillStyle = strip.missed[at] === "1" ? colours.values[4] : colours.values[0];
    context.fillRect(x(strip.t[at]), top, Math.max(1, x(ends) - x(strip.t[at])), tall);
  }
}

function drawBattery(context, strip, x, top, tall) {
  const y = (level) => top + tall * (1 - level / 100);
  context.strokeStyle = colours.accent;
  context.lineWidth = 1.5;
  context.beginPath();
  strip.battery.forEach((level, at) => { if (level !== null) context.lineTo(x(strip.t[at]), y(level)); });
  context.stroke();
  context.fillStyle = colours.accent;
  const first = strip.battery.findIndex((level) => level !== null);
  if (first >= 0) context.fillRect(x(strip.t[first]) - 1, y(strip.battery[first]) - 1, 3, 3);
}

function drawFrames(context, strip, x, floor) {
  for (let at = 0; at < strip.t.length; at++) {
    const kind = strip.kinds[at];
    const tall = TALL[kind] ?? 3;
    context.fillStyle = strip.missed[at] === "1" ? colours.values[4] : kind === "p" ? colours.ink : colours.faint;
    context.fillRect(x(strip.t[at]), floor - tall, 1.5, tall);
  }
}

const ROWS = [["battery", 34], ["frames", 12], ["state", 7], ["fix", 7], ["coverage", 7]];

function drawStrip(canvas, strip, now) {
  const { context, width, height } = pen(canvas);
  const left = 58;
  const x = (t) => left + ((width - left - 1) * t) / (data.end || 1);
  context.font = "11px system-ui, sans-serif";
  let top = 2;
  const tops = {};
  for (const [name, tall] of ROWS) {
    tops[name] = top;
    context.fillStyle = colours.soft;
    context.fillText(name, 0, top + tall / 2 + 4);
    context.fillStyle = colours.rule;
    context.globalAlpha = 0.5;
    context.fillRect(left, top + tall, width - left, 1);
    context.globalAlpha = 1;
    top += tall + 7;
  }
  drawBattery(context, strip, x, tops.battery, 34);
  drawFrames(context, strip, x, tops.frames + 12);
  drawStates(context, strip, x, tops.state, 7);
  for (const [at, error] of strip.fixes) {
    context.fillStyle = error <= NEAR_M ? colours.values[0] : colours.values[4];
    context.fillRect(x(strip.t[at]), tops.fix, 2, 7);
  }
  drawCoverage(context, strip, x, tops.coverage, 7);
  context.fillStyle = colours.ink;
  context.fillRect(x(now) - 0.5, 0, 1, height);
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

// A strip with its facts; `redrawStrips` finds it by its class.
function stripOf(device) {
  const box = make("div", "life");
  box.append(facts(device));
  const strip = devices.strip[device];
  if (!strip || !strip.t.length) {
    box.append(make("p", "note", "Nothing more of this device is in this page."));
    return box;
  }
  const canvas = make("canvas", "strip");
  canvas.dataset.device = String(device);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `Battery, frames, state, fix and coverage: ${strip.frames} frames, ${strip.lost} lost`);
  const told = make("p", "note moment");
  box.append(canvas, told);
  if (strip.t.length < strip.frames) {
    box.append(make("p", "note", `${strip.t.length} of ${strip.frames.toLocaleString("en")} frames are drawn.`));
  }
  return box;
}

function redrawStrips() {
  for (const canvas of document.querySelectorAll("canvas.strip")) {
    const strip = devices.strip[Number(canvas.dataset.device)];
    drawStrip(canvas, strip, moment());
    canvas.nextElementSibling.textContent = tellMoment(strip, moment());
  }
}
