"use strict";
// What the page knows, and how it writes it. Texts from the journal only ever become text nodes.

const data = JSON.parse(document.getElementById("data").textContent);
const presses = data.presses;
const devices = data.devices;
const total = presses.name.length;
const TOOK = data.stages.indexOf("total_s");
const GRAVITY = ["unexplained", "doubled", "lost", "delivered after retry", "cancelled", "merged", "delivered"];
const gravity = data.outcomes.map((name) => GRAVITY.indexOf(name));

const byId = (id) => document.getElementById(id);

function make(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}

function two(number) {
  return String(number).padStart(2, "0");
}

function clock(precise, digits = 1) {
  const seconds = Number(precise.toFixed(digits)); // rounded first, or 59.96 would be shown as 60.0
  const days = Math.floor(seconds / 86400);
  const rest = seconds - days * 86400;
  const tail = (rest % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${tail}`;
  return days ? `${days}d ${time}` : time;
}

function span(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function why(at) {
  const where = data.texts[presses.where[at]];
  const detail = data.texts[presses.detail[at]];
  if (!where || where === detail) return detail;
  return detail ? `${where}: ${detail}` : where;
}

const colours = { values: [], ink: "", soft: "", faint: "", rule: "", card: "", accent: "" };

function readColours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  colours.values = data.outcomes.map((_, at) => value(`--c${at}`));
  for (const name of ["ink", "soft", "faint", "rule", "card", "accent"]) colours[name] = value(`--${name}`);
}

// A canvas as sharp as the screen; returns its pen and its size in CSS pixels.
function pen(canvas) {
  const box = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(box.width * ratio));
  canvas.height = Math.max(1, Math.round(box.height * ratio));
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return { context, width: box.width, height: box.height };
}
