/** Says when the monitor has been silent: what the nodes show is then not of now. The web server does the same first. */

import { write } from "./dom.js";
import { age, phrase } from "./words.js";

const LATE_S = 5;
const notice = document.getElementById("monitor-silent");
const text = document.getElementById("monitor-silence");
let reportedAt = Date.now() - Number(notice.dataset.silentS) * 1000;
let known = notice.dataset.silentS !== "";
let hubDown = false;

export function showMonitor({ hub, monitor_silent_s: silent }) {
  hubDown = hub === "down";
  known = silent !== null;
  reportedAt = Date.now() - (silent ?? 0) * 1000;
  tickMonitor();
}

export function tickMonitor() {
  const silent = (Date.now() - reportedAt) / 1000;
  const connected = document.body.dataset.connection === "open";
  if (!connected) return; // another notice says so, and nothing is known of the monitor
  notice.hidden = hubDown || (known && silent < LATE_S);
  if (!notice.hidden) write(text, known ? phrase("monitor.silent", { age: age(silent) }) : phrase("monitor.never"));
}
