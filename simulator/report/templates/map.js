// The map: a dot for each home, a coloured one where somebody has pressed by the chosen moment.

const map = byId("map");
const slider = byId("time");
const RECENT = 0.02; // share of the run during which a press is drawn large
const LOST = GRAVITY.indexOf("lost");
const CROWD = 5000; // from here on, dots are small squares: they are faster to draw
let spots = [];
let playing = 0;

function moment() {
  return (data.end * slider.value) / 1000;
}

function bounds() {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < devices.name.length; at++) {
    if (devices.lat[at] === null) continue;
    box[0] = Math.min(box[0], devices.lat[at]);
    box[1] = Math.min(box[1], devices.lon[at]);
    box[2] = Math.max(box[2], devices.lat[at]);
    box[3] = Math.max(box[3], devices.lon[at]);
  }
  return box;
}

// Degrees to pixels, equally scaled both ways at the latitude of the fleet.
function projection(width, height) {
  const [south, west, north, east] = bounds();
  const squeeze = Math.cos((((south + north) / 2) * Math.PI) / 180) || 1;
  const tall = Math.max(north - south, 1e-4);
  const wide = Math.max((east - west) * squeeze, 1e-4);
  const scale = Math.min((width - 48) / wide, (height - 48) / tall);
  const now = moment();
  const place = (at, then = now) => {
    const strip = devices.strip[at];
    const [up, right] = strip && strip.ways.length ? wayAt(strip, then) : [0, 0];
    return [
      width / 2 + (devices.lon[at] - (west + east) / 2) * squeeze * scale + (right / 111320) * scale,
      height / 2 - (devices.lat[at] - (south + north) / 2 + up / 111320) * scale,
    ];
  };
  return { place, metre: scale / 111320 };
}

function drawScale(context, metre, height) {
  const lengths = [10, 50, 100, 500, 1000, 5000, 10000, 50000, 100000, 500000, 1000000];
  const length = lengths.filter((value) => value * metre <= 140).pop();
  if (!length) return;
  context.fillStyle = colours.faint;
  context.fillRect(16, height - 17, length * metre, 1.5);
  context.font = "12px system-ui, sans-serif";
  context.fillText(length < 1000 ? `${length} m` : `${length / 1000} km`, 16, height - 24);
}

function dot(context, [x, y], size, small) {
  if (small) {
    context.fillRect(x - size / 2, y - size / 2, size, size);
    return;
  }
  context.beginPath();
  context.arc(x, y, size / 2, 0, 7);
  context.fill();
}

function isOnMap(at) {
  const device = presses.device[at];
  if (devices.lat[device] === null || !filter.classes.has(presses.outcome[at])) return false;
  return filter.device < 0 || filter.device === device;
}

// What went well lies beneath what did not.
function drawPresses(context, place, now) {
  const size = total > CROWD ? 4 : 7;
  drawLayer(context, place, now, (worth) => worth > LOST, size);
  drawLayer(context, place, now, (worth) => worth === LOST, size);
  drawLayer(context, place, now, (worth) => worth < LOST, size + 3);
}

function drawLayer(context, place, now, belongs, size) {
  const since = now - data.end * RECENT;
  for (let at = 0; at < total && presses.t[at] <= now; at++) {
    if (!belongs(gravity[presses.outcome[at]]) || !isOnMap(at)) continue;
    const recent = presses.t[at] >= since && slider.value < 1000;
    context.fillStyle = colours.values[presses.outcome[at]];
    context.globalAlpha = recent ? 1 : 0.75;
    dot(context, place(presses.device[at], presses.t[at]), recent ? size * 1.8 : size, size < 5 && !recent);
  }
  context.globalAlpha = 1;
}

function ring(context, place) {
  ringAround(context, place, chosen >= 0 ? presses.device[chosen] : filter.device, 10);
  ringAround(context, place, fleetChosen, 6);
}

function ringAround(context, place, device, size) {
  if (device < 0 || devices.lat[device] === null) return;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(...place(device), size, 0, 7);
  context.stroke();
}

function drawMap() {
  const { context, width, height } = pen(map);
  const { place, metre } = projection(width, height);
  spots = [];
  context.fillStyle = colours.faint;
  context.globalAlpha = 0.4;
  for (let at = 0; at < devices.name.length; at++) {
    if (devices.lat[at] === null) continue;
    const spot = place(at);
    spots.push([spot[0], spot[1], at]);
    dot(context, spot, 3, devices.name.length > CROWD);
  }
  context.globalAlpha = 1;
  drawPresses(context, place, moment());
  ring(context, place);
  if (spots.length > 1) drawScale(context, metre, height);
  drawHistogram();
  byId("moment").textContent = clock(moment(), 0);
  redrawStrips();
}

// Presses over time, stacked by class, with the chosen moment.
function drawHistogram() {
  const { context, width, height } = pen(byId("histogram"));
  const bins = Array.from({ length: Math.max(1, Math.min(160, Math.floor(width / 6))) }, () => data.outcomes.map(() => 0));
  for (let at = 0; at < total; at++) {
    if (!filter.classes.has(presses.outcome[at])) continue;
    if (filter.device >= 0 && filter.device !== presses.device[at]) continue;
    bins[Math.min(bins.length - 1, Math.floor((presses.t[at] / (data.end || 1)) * bins.length))][presses.outcome[at]]++;
  }
  const most = Math.max(1, ...bins.map((bin) => bin.reduce((sum, number) => sum + number, 0)));
  const step = width / bins.length;
  bins.forEach((bin, at) => {
    let y = height - 1;
    bin.forEach((number, outcome) => {
      const tall = ((height - 6) * number) / most;
      context.fillStyle = colours.values[outcome];
      context.globalAlpha = (at / bins.length) * data.end <= moment() ? 1 : 0.25;
      context.fillRect(at * step, y - tall, step - 1.5, tall);
      y -= tall;
    });
  });
  context.globalAlpha = 1;
  context.fillStyle = colours.rule;
  context.fillRect(0, height - 1, width, 1);
}

function nearest(event) {
  const box = map.getBoundingClientRect();
  const x = event.clientX - box.left;
  const y = event.clientY - box.top;
  let best = -1;
  let least = 14 * 14;
  for (const [left, top, at] of spots) {
    const distance = (left - x) ** 2 + (top - y) ** 2;
    if (distance < least) [least, best] = [distance, at];
  }
  return { device: best, x, y };
}

function hover(event) {
  const tip = byId("tip");
  const { device, x, y } = nearest(event);
  tip.hidden = device < 0;
  if (device < 0) return;
  tip.textContent = devices.name[device];
  tip.style.left = `${Math.min(x + 12, map.clientWidth - 160)}px`;
  tip.style.top = `${Math.max(4, y - 30)}px`;
}

function play() {
  const button = byId("play");
  if (playing) {
    cancelAnimationFrame(playing);
    playing = 0;
  } else {
    if (Number(slider.value) >= 1000) slider.value = 0;
    playing = requestAnimationFrame(advance);
  }
  button.textContent = playing ? "Pause" : "Play";
  button.setAttribute("aria-pressed", String(Boolean(playing)));
}

function advance() {
  slider.value = Math.min(1000, Number(slider.value) + 2);
  drawMap();
  if (Number(slider.value) >= 1000) play();
  else playing = requestAnimationFrame(advance);
}

function startMap() {
  slider.addEventListener("input", drawMap);
  byId("play").addEventListener("click", play);
  map.addEventListener("mousemove", hover);
  map.addEventListener("mouseleave", () => { byId("tip").hidden = true; });
  map.addEventListener("click", (event) => {
    const { device } = nearest(event);
    if (device >= 0) chooseDevice(device);
    onlyDevice(device);
    if (shown.length) choose(shown[0]);
  });
}
