// What of a page nobody can use who sees badly, or not at all; an empty list: nothing was found.
const found = [];
const say = (what, element) => found.push(`${what}: ${element ? element.outerHTML.slice(0, 120) : ""}`);
const all = (selector) => [...document.querySelectorAll(selector)];
const shown = (element) => element.getClientRects().length > 0;

if (document.documentElement.lang !== "nb") say("no language");
if (!document.title.trim()) say("no title");
if (all("h1").length !== 1) say("not one h1");
if (all("main").length !== 1) say("not one main");
let before = 0;
for (const heading of all("h1, h2, h3, h4").filter(shown)) {
  const level = Number(heading.tagName[1]);
  if (level > before + 1) say("a level of headings is left out", heading);
  if (!heading.textContent.trim()) say("an empty heading", heading);
  before = level;
}
const ids = all("[id]").map((element) => element.id);
for (const id of new Set(ids.filter((one, place) => ids.indexOf(one) !== place))) say(`twice the id ${id}`);
for (const control of all("input:not([type=hidden]), select, textarea")) {
  if (!control.labels.length) say("no label", control);
  for (const id of (control.getAttribute("aria-describedby") || "").split(" ").filter(Boolean)) {
    if (!document.getElementById(id)) say(`described by nothing (${id})`, control);
  }
}
for (const named of all("a, button")) if (!named.textContent.trim()) say("no name", named);
for (const table of all("table")) {
  if (!table.caption || !table.caption.textContent.trim()) say("no caption", table);
  for (const head of table.querySelectorAll("th")) if (!head.scope) say("no scope", head);
}
for (const image of all("img")) if (!image.hasAttribute("alt")) say("no text", image);

const channel = (value) => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const colour = (text) => text.match(/[\d.]+/g).map(Number);
const light = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const behind = (element) => {
  for (let there = element; there; there = there.parentElement) {
    const found = colour(getComputedStyle(there).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found;
  }
  return [255, 255, 255];
};
for (const element of all("body *").filter(shown)) {
  const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (!own || element.closest(".quiet, .skip")) continue;
  const [one, other] = [light(colour(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
  if ((one + 0.05) / (other + 0.05) < 4.5) say("too little contrast", element);
}
return found;
