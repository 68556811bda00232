/** Results as they come, the newest on top. While paused they wait, as many as the list would show. */

import { localise, showClock } from "./clock.js";
import { clone, field, write } from "./dom.js";
import { cameraName } from "./wall.js";
import { ending, seen, took, word } from "./words.js";

const KEPT = 60;

const list = document.getElementById("ticker");
const pause = document.getElementById("ticker-pause");
let waiting = [];
let paused = false;
localise(list);
pause.hidden = false;
pause.addEventListener("click", () => setPaused(!paused));

/** `results` are oldest first and new to this page. */
export function showResults(results) {
  waiting = [...waiting, ...results].slice(-KEPT);
  if (!paused) flush();
}

function setPaused(now) {
  paused = now;
  pause.setAttribute("aria-pressed", String(paused));
  write(pause, word("ticker", paused ? "resume" : "pause"));
  if (!paused) flush();
}

function flush() {
  list.prepend(...waiting.map(row).reverse());
  waiting = [];
  while (list.children.length > KEPT) list.lastElementChild.remove();
}

function row(result) {
  const element = clone("result");
  const kind = ending(result);
  element.dataset.number = result.number;
  element.dataset.ending = kind;
  element.classList.add("result--new");
  showClock(element.querySelector("time"), result.captured_at);
  const texts = {
    camera_name: result.camera ? cameraName(result.camera) : word("camera", "none"),
    ending: word("result", kind),
    seen: seen(result),
    node: result.node ?? "",
    took: took(result.took_ms),
  };
  for (const [name, text] of Object.entries(texts)) write(field(element, name), text);
  return element;
}
