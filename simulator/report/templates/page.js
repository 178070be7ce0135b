// Brings the page to life: what needs a script is shown only now.

function firstWorth() {
  let best = total ? 0 : -1;
  for (let at = 0; at < total; at++) {
    if (gravity[presses.outcome[at]] < gravity[presses.outcome[best]]) best = at;
  }
  return best;
}

function redraw() {
  readColours();
  drawMap();
  drawList();
  drawFleet();
}

function start() {
  for (const section of document.querySelectorAll(".live")) section.hidden = false;
  readColours();
  startList();
  startMap();
  startFleet();
  const first = firstWorth();
  if (first >= 0) choose(first);
  else showPress(-1);
  drawMap();
  window.addEventListener("resize", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}

start();
