/** Drop a photo on the form; say so when it could not be sent. Sending itself is htmx's, and works without either. */

const form = document.querySelector("[data-upload]");

function acceptDrops(drop, input) {
  const over = (event) => {
    event.preventDefault();
    drop.classList.toggle("drop--over", event.type === "dragover");
  };
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) drop.addEventListener(name, over);
  drop.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
  });
}

function reportUnsent(notice) {
  const show = (shown) => () => (notice.hidden = !shown);
  form.addEventListener("htmx:beforeRequest", show(false));
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) form.addEventListener(name, show(true));
}

if (form) {
  acceptDrops(form.querySelector("[data-drop]"), form.querySelector("input[type=file]"));
  reportUnsent(form.querySelector("[data-unsent]"));
}
