/** The wall, live: what the socket says is gathered and drawn once per frame. */

import { showAlerts } from "./alerts.js";
import { showConnection, tickConnection } from "./connection.js";
import { Frame } from "./frame.js";
import { tickMonitor } from "./monitor.js";
import { LiveSocket } from "./socket.js";
import { showStatus } from "./status.js";
import { showResults } from "./ticker.js";
import { showTroubles } from "./troubles.js";
import { showCameras, showResult, tickCameras } from "./wall.js";

let since = Number(document.getElementById("wall").dataset.since);
let pending = nothing();
const frame = new Frame(draw);

function nothing() {
  return { cameras: null, results: [], alerts: [], status: null, moved: false };
}

const take = {
  hello(message) {
    pending.cameras = message.cameras;
    take.results(message);
    take.alerts(message);
    pending.status = message;
  },
  results({ results }) {
    const fresh = results.filter((result) => result.number > since);
    since = fresh.reduce((last, result) => Math.max(last, result.number), since);
    pending.results.push(...fresh);
  },
  alerts({ alerts }) {
    pending.alerts.push(...alerts);
  },
  status(message) {
    pending.status = message;
    pending.moved = true;
  },
};

function draw() {
  const { cameras, results, alerts, status, moved } = pending;
  pending = nothing();
  if (cameras) showCameras(cameras);
  if (results.length) results.forEach(showResult);
  if (results.length) showResults(results);
  if (alerts.length) showAlerts(alerts);
  if (status) showStatus(status, moved);
  if (status) showTroubles(status.troubles);
}

function tick() {
  tickCameras();
  tickConnection();
  tickMonitor();
}

tick();
setInterval(tick, 1000);
new LiveSocket("/ws/live", {
  since: () => since,
  onState: showConnection,
  onMessage(message) {
    take[message.kind]?.(message);
    frame.ask();
  },
}).connect();
