/** The nodes and the totals. */

import { field, setAttribute, write } from "./dom.js";
import { fill, reconcile, sparkOf } from "./record.js";
import { showMonitor } from "./monitor.js";
import { word } from "./words.js";

const list = document.getElementById("nodes");
const totals = document.getElementById("totals");
const hubDown = document.getElementById("hub-down");

export function showStatus({ nodes, totals: now }, moved) {
  showNodes(nodes, moved);
  fill(totals, now);
  hubDown.hidden = now.hub !== "down";
  showMonitor(now);
  if (moved) sparkOf(totals).add(now.images_per_s);
}

function showNodes(nodes, moved) {
  reconcile(list, "node", nodes, (node) => node.name, (element, node) => showNode(element, node, moved));
}

function showNode(element, node, moved) {
  element.dataset.node = node.name;
  element.dataset.state = node.state;
  fill(element, node);
  write(field(element, "name"), node.name);
  write(field(element, "state"), word("node", node.state));
  setAttribute(element.querySelector(".bar__fill"), "width", Math.round((node.hit_rate ?? 0) * 100));
  field(element, "workers").parentElement.dataset.low = node.workers === 0 ? "yes" : "";
  if (moved) sparkOf(element).add(node.images_per_s);
}
