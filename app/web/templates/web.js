// What the page does beyond its framework: it goes where the program says, and says when the program is gone.
"use strict";
$(document).on("shiny:connected", () => {
  Shiny.addCustomMessageHandler("go", (message) => window.location.assign(message.to));
});
$(document).on("shiny:disconnected", () => { document.getElementById("gone").hidden = false; });
