// The list of presses: filtered, ordered, and only as many rows in the page as fit on the screen.

const ROW = 34;
const list = byId("list");
const space = byId("space");
const filter = { classes: new Set(data.outcomes.keys()), text: "", device: -1, order: "time" };
let shown = [];
let chosen = -1;
let haystack = null;

function textOf(at) {
  if (!haystack) haystack = new Array(total);
  if (haystack[at] === undefined) {
    haystack[at] = `${presses.name[at]} ${why(at)} ${presses.callout[at] ?? ""}`.toLowerCase();
  }
  return haystack[at];
}

function matches(at) {
  if (!filter.classes.has(presses.outcome[at])) return false;
  if (filter.device >= 0 && presses.device[at] !== filter.device) return false;
  return !filter.text || textOf(at).includes(filter.text);
}

function order(numbers) {
  const took = (at) => presses.stages[at][TOOK] ?? -1;
  if (filter.order === "slow") numbers.sort((a, b) => took(b) - took(a) || a - b);
  if (filter.order === "worst") numbers.sort((a, b) => gravity[presses.outcome[a]] - gravity[presses.outcome[b]] || a - b);
  return numbers;
}

function refilter() {
  const found = [];
  for (let at = 0; at < total; at++) if (matches(at)) found.push(at);
  shown = order(found);
  const noun = total === 1 ? "press" : "presses";
  byId("found").textContent =
    shown.length === total
      ? `${total.toLocaleString("en")} ${noun}`
      : `${shown.length.toLocaleString("en")} of ${total.toLocaleString("en")} ${noun}`;
  space.style.height = `${shown.length * ROW}px`;
  list.style.height = `${Math.min(17, Math.max(2, shown.length)) * ROW}px`;
  list.scrollTop = 0;
  drawList();
}

function rowOf(place) {
  const at = shown[place];
  const row = make("div", "row");
  row.id = `press-${at}`;
  row.setAttribute("role", "option");
  row.setAttribute("aria-selected", String(at === chosen));
  row.setAttribute("aria-setsize", String(shown.length));
  row.setAttribute("aria-posinset", String(place + 1));
  row.style.top = `${place * ROW}px`;
  const outcome = data.outcomes[presses.outcome[at]];
  const mark = make("span");
  mark.append(make("i", `dot c${presses.outcome[at]}`), make("b", "hidden", outcome));
  mark.title = outcome;
  const reason = make("span", "why", why(at));
  reason.title = why(at);
  const name = make("span", "", presses.name[at]);
  name.title = presses.name[at];
  row.append(
    make("span", "at", clock(presses.t[at], data.end < 86400 ? 1 : 0)), mark, name, reason,
    make("span", "n", presses.callout[at] ?? ""), make("span", "n", span(presses.stages[at][TOOK])),
  );
  row.addEventListener("click", () => choose(at));
  return row;
}

function drawList() {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  const rows = [];
  for (let place = first; place < last; place++) rows.push(rowOf(place));
  space.replaceChildren(...rows);
  byId("head").style.paddingRight = `${12 + list.offsetWidth - list.clientWidth}px`;
  if (chosen >= 0 && byId(`press-${chosen}`)) list.setAttribute("aria-activedescendant", `press-${chosen}`);
  else list.removeAttribute("aria-activedescendant");
}

function reveal(place) {
  const top = place * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
}

function choose(at) {
  chosen = at;
  reveal(Math.max(0, shown.indexOf(at)));
  drawList();
  showPress(at);
  drawMap();
}

const LEAPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 16, PageUp: -16, Home: -Infinity, End: Infinity };

function leap(event) {
  if (!(event.key in LEAPS) || !shown.length) return;
  event.preventDefault();
  const place = shown.indexOf(chosen);
  const wanted = place < 0 ? 0 : place + LEAPS[event.key];
  choose(shown[Math.min(shown.length - 1, Math.max(0, wanted))]);
}

function chip(outcome, at) {
  const button = make("button");
  button.type = "button";
  const number = presses.outcome.reduce((sum, value) => sum + (value === at), 0);
  button.append(make("i", `dot c${at}`), outcome, make("b", "", number.toLocaleString("en")));
  button.setAttribute("aria-pressed", "true");
  button.hidden = number === 0;
  button.addEventListener("click", () => {
    if (!filter.classes.delete(at)) filter.classes.add(at);
    button.setAttribute("aria-pressed", String(filter.classes.has(at)));
    refilter();
    drawMap();
  });
  return button;
}

function onlyDevice(device) {
  filter.device = device;
  const button = byId("device-filter");
  button.hidden = device < 0;
  button.textContent = device < 0 ? "" : `only ${devices.name[device]}`;
  refilter();
  drawMap();
}

function startList() {
  byId("classes").append(...data.outcomes.map(chip));
  byId("search").addEventListener("input", (event) => {
    filter.text = event.target.value.trim().toLowerCase();
    refilter();
  });
  byId("order").addEventListener("change", (event) => {
    filter.order = event.target.value;
    refilter();
  });
  byId("device-filter").addEventListener("click", () => onlyDevice(-1));
  list.addEventListener("scroll", drawList, { passive: true });
  list.addEventListener("keydown", leap);
  refilter();
}
