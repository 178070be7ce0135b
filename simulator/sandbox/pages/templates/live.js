"use strict";
// Keeps what is marked as live up to date. Without it a page is as it was when it was opened.

const EVERY_MS = 2000;
const button = document.getElementById("live");
let isOn = true;

function isInUse(part) {
  return part.contains(document.activeElement) || part.querySelector("details[open]");
}

async function refresh() {
  if (!isOn || document.hidden) return;
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = fresh.getElementById(part.id);
    if (newer && !isInUse(part) && newer.innerHTML !== part.innerHTML) part.replaceChildren(...newer.childNodes);
  }
}

if (document.querySelector("[data-live]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    isOn = !isOn;
    button.setAttribute("aria-pressed", String(isOn));
    button.textContent = isOn ? "live" : "paused";
  });
  setInterval(() => refresh().catch(() => {}), EVERY_MS); // the sandbox may be gone for a moment
}
