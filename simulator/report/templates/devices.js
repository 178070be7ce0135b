// The list of devices: found by name, ordered, and only as many rows in the page as fit.

const fleet = byId("fleet");
const fleetSpace = byId("fleet-space");
const fleetFilter = { text: "", order: "name" };
let fleetShown = [];
let fleetChosen = -1;

const rankOf = {
  name: () => 0,
  presses: (at) => -devices.presses[at],
  lost: (at) => -(devices.strip[at]?.lost ?? -1),
  battery: (at) => lastBattery(at) ?? 101,
};

function lastBattery(at) {
  const levels = devices.strip[at]?.battery ?? [];
  for (let frame = levels.length - 1; frame >= 0; frame--) if (levels[frame] !== null) return levels[frame];
  return null;
}

function refleet() {
  const found = [];
  for (let at = 0; at < devices.name.length; at++) {
    const text = `${devices.name[at]} ${devices.serial[at]}`.toLowerCase();
    if (!fleetFilter.text || text.includes(fleetFilter.text)) found.push(at);
  }
  const rank = rankOf[fleetFilter.order];
  const ranks = new Map(found.map((at) => [at, rank(at)]));
  fleetShown = fleetFilter.order === "name" ? found : found.sort((a, b) => ranks.get(a) - ranks.get(b) || a - b);
  byId("fleet-found").textContent = `${fleetShown.length.toLocaleString("en")} of ${devices.name.length.toLocaleString("en")} devices`;
  fleetSpace.style.height = `${fleetShown.length * ROW}px`;
  fleet.style.height = `${Math.min(11, Math.max(2, fleetShown.length)) * ROW}px`;
  fleet.scrollTop = 0;
  drawFleet();
}

function fleetRow(place) {
  const at = fleetShown[place];
  const row = make("div", "row");
  row.id = `device-${at}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", String(at === fleetChosen));
  row.setAttribute("aria-setsize", String(fleetShown.length));
  row.setAttribute("aria-posinset", String(place + 1));
  row.style.top = `${place * ROW}px`;
  const battery = lastBattery(at);
  const strip = devices.strip[at];
  const name = make("span", "", devices.name[at]);
  name.title = devices.name[at];
  row.append(
    name, make("span", "why", devices.serial[at]), make("span", "n", devices.presses[at] || ""),
    make("span", "n", strip ? strip.frames.toLocaleString("en") : ""),
    make("span", "n", strip && strip.lost ? strip.lost.toLocaleString("en") : ""),
    make("span", "n", battery === null ? "" : `${battery} %`),
  );
  row.addEventListener("click", () => chooseDevice(at));
  return row;
}

function drawFleet() {
  const first = Math.max(0, Math.floor(fleet.scrollTop / ROW) - 4);
  const last = Math.min(fleetShown.length, Math.ceil((fleet.scrollTop + fleet.clientHeight) / ROW) + 4);
  const rows = [];
  for (let place = first; place < last; place++) rows.push(fleetRow(place));
  fleetSpace.replaceChildren(...rows);
  if (fleetChosen >= 0 && byId(`device-${fleetChosen}`)) fleet.setAttribute("aria-activedescendant", `device-${fleetChosen}`);
  else fleet.removeAttribute("aria-activedescendant");
}

function chooseDevice(at) {
  fleetChosen = at;
  const panel = byId("device");
  const only = make("button", "", "Only its presses");
  only.type = "button";
  only.addEventListener("click", () => onlyDevice(at));
  const line = make("p", "note");
  line.append(only);
  panel.replaceChildren(make("h3", "", devices.name[at]), stripOf(at), line);
  drawFleet();
  drawMap();
}

function leapFleet(event) {
  if (!(event.key in LEAPS) || !fleetShown.length) return;
  event.preventDefault();
  const place = fleetShown.indexOf(fleetChosen);
  const wanted = place < 0 ? 0 : place + LEAPS[event.key];
  const next = Math.min(fleetShown.length - 1, Math.max(0, wanted));
  const top = next * ROW;
  if (top < fleet.scrollTop) fleet.scrollTop = top;
  if (top + ROW > fleet.scrollTop + fleet.clientHeight) fleet.scrollTop = top + ROW - fleet.clientHeight;
  chooseDevice(fleetShown[next]);
}

function startFleet() {
  byId("fleet-search").addEventListener("input", (event) => {
    fleetFilter.text = event.target.value.trim().toLowerCase();
    refleet();
  });
  byId("fleet-order").addEventListener("change", (event) => {
    fleetFilter.order = event.target.value;
    refleet();
  });
  fleet.addEventListener("scroll", drawFleet, { passive: true });
  fleet.addEventListener("keydown", leapFleet);
  refleet();
  if (fleetShown.length) chooseDevice(fleetShown[0]);
  else byId("device").replaceChildren(make("p", "note", "No device took part."));
}
