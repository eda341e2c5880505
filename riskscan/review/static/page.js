// Keys of one letter press the buttons and follow the links that are on the page; without this
// file everything works by hand.
"use strict";

const find = (selector) => document.querySelector(selector);
const status = find("#status");

// Screen readers tell a status that changes, not one that is there from the start.
if (status && status.firstElementChild) {
  const told = [...status.childNodes];
  // Its height stays, so that nothing below it moves.
  status.style.minHeight = `${status.getBoundingClientRect().height}px`;
  status.style.minWidth = `${status.getBoundingClientRect().width}px`;
  status.replaceChildren();
  setTimeout(() => {
    status.replaceChildren(...told);
    status.style.minHeight = status.style.minWidth = "";
  }, 150);
}

// A search that takes long: look again, as long as the page says so.
if (find("[data-again]")) setTimeout(() => location.reload(), 700);

// Where the timeline is wider than the screen, it begins at its newest end.
const chart = find(".chart");
if (chart) chart.scrollLeft = chart.scrollWidth;

// On a wide screen the filters are open; on a phone they would fill it.
const filters = find(".filters > details");
if (filters && matchMedia("(min-width: 60rem)").matches) filters.open = true;

// One decision, one row: a second press while the first is under way does nothing.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const typing = (target) =>
  target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");

function fold() {
  const parts = [...document.querySelectorAll("details.part, .thread details")];
  const open = parts.some((part) => !part.open);
  for (const part of parts) part.open = open;
}

function step(direction) {
  const link = find(direction > 0 ? "a[rel=next]" : "a[rel=prev]");
  const rows = [...document.querySelectorAll(".queue .go")];
  if (!rows.length) {
    if (link) link.click();
    return;
  }
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? (direction > 0 ? 0 : rows.length - 1) : at + direction];
  if (next) next.focus();
  else if (link) link.focus();
}

const actions = {
  j: () => step(1),
  k: () => step(-1),
  o: fold,
  z: () => find("#undo").requestSubmit(),
  "/": () => find("#q").select(),
  "?": () => find("#keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(target)) {
    target.blur();
    return;
  }
  if (document.body.dataset.keys !== "on" || typing(target) || find("dialog[open]")) return;
  const element = find(`[data-key="${CSS.escape(event.key)}"]`);
  const action = actions[event.key] || (element && (() => press(element)));
  if (!action || event.repeat) return;
  event.preventDefault();
  action();
});

function press(element) {
  if (element.matches("textarea")) element.focus();
  else element.click();
}
