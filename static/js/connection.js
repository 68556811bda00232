/** Shows whether the page is live, and when it tries again. */

import { write } from "./dom.js";
import { phrase } from "./words.js";

const badge = document.getElementById("connection");
const notices = document.querySelectorAll(".notice[data-when]");
const retry = document.getElementById("retry");
let retryAt = 0;

export function showConnection(state, retryMs) {
  retryAt = Date.now() + retryMs;
  if (badge.dataset.state !== state) {
    badge.dataset.state = document.body.dataset.connection = state;
    for (const notice of notices) notice.hidden = notice.dataset.when !== state;
  }
  tickConnection();
}

export function tickConnection() {
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  write(retry, badge.dataset.state === "closed" && seconds > 0 ? phrase("retry", { seconds }) : "");
}
