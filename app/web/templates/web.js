// What the page does beyond its framework: it goes where the program says, says when the program is gone, and keeps
// what a form was filled in with while the page is shown in another language.
"use strict";
$(document).on("shiny:connected", () => {
  Shiny.addCustomMessageHandler("go", (message) => window.location.assign(message.to));
});
$(document).on("shiny:disconnected", () => { document.getElementById("gone").hidden = false; });

const FIELDS = "#main :is(input:not([type=file], [type=hidden]), select, textarea)";
const kept = `form of ${document.getElementById("main").dataset.form}`;
const ticked = (field) => field.type === "checkbox" || field.type === "radio";
const called = (field) => field.id || `${field.name} ${field.value}`;

for (const link of document.querySelectorAll(".languages a")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;  // it opens elsewhere
    const filled = [...document.querySelectorAll(FIELDS)].map((field) =>
      [called(field), ticked(field) ? field.checked : field.value]);
    window.sessionStorage.setItem(kept, JSON.stringify(filled));
  });
}
const held = new Map(JSON.parse(window.sessionStorage.getItem(kept) ?? "[]"));
window.sessionStorage.removeItem(kept);
for (const field of document.querySelectorAll(FIELDS)) {  // before the program reads them
  if (held.has(called(field))) field[ticked(field) ? "checked" : "value"] = held.get(called(field));
}
