/** Drop a photo on the form; say so when it could not be sent. Sending itself is htmx's, and works without either. */

import { acceptDrops } from "./drop.js";

const form = document.querySelector("[data-upload]");

function reportUnsent(notice) {
  const show = (shown) => () => (notice.hidden = !shown);
  form.addEventListener("htmx:beforeRequest", show(false));
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) form.addEventListener(name, show(true));
}

if (form) {
  const input = form.querySelector("input[type=file]");
  acceptDrops(form.querySelector("[data-drop]"), (files) => (input.files = files));
  reportUnsent(form.querySelector("[data-unsent]"));
}
