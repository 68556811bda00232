/** The node console, live: what the socket says is gathered and drawn once per frame. */

import { showConnection, tickConnection } from "./connection.js";
import { field, setAttribute, write } from "./dom.js";
import { Frame } from "./frame.js";
import { showMonitor, tickMonitor } from "./monitor.js";
import { fill, reconcile, sparkOf } from "./record.js";
import { LiveSocket } from "./socket.js";
import { percent, phrase, told, word } from "./words.js";

const HIGH = 0.9;
const nodeList = document.getElementById("nodes");
const groupList = document.getElementById("groups");
const nodeCount = document.getElementById("node-count");
const hubDown = document.getElementById("hub-down");
let pending = nothing();
const frame = new Frame(draw);

function nothing() {
  return { status: null, moved: false, all: null, groups: [] };
}

const take = {
  hello(message) {
    pending.status = message;
    pending.all = message.groups;
    pending.groups = [];
  },
  status(message) {
    pending.status = message;
    pending.moved = true;
  },
  group({ group }) {
    pending.groups.push(group);
  },
};

function draw() {
  const { status, moved, all, groups } = pending;
  pending = nothing();
  if (status) showStatus(status, moved);
  if (all) reconcile(groupList, "group", all, (group) => group.slug, showGroup);
  for (const group of groups) {
    const element = groupList.querySelector(`[data-group="${CSS.escape(group.slug)}"]`);
    if (element) showGroup(element, group);
  }
}

function showStatus({ nodes, totals }, moved) {
  hubDown.hidden = totals.hub !== "down";
  showMonitor(totals);
  write(nodeCount, String(nodes.length));
  reconcile(nodeList, "node", nodes, (node) => node.name, (element, node) => showNode(element, node, moved));
}

function showNode(element, node, moved) {
  element.id = `node-${node.name}`;
  element.dataset.state = node.state;
  fill(element, node);
  write(field(element, "name"), node.name);
  write(field(element, "state"), word("node", node.state));
  write(field(element, "reason"), told(node.reason));
  field(element, "workers").parentElement.dataset.low = node.workers === 0 ? "yes" : "";
  element.querySelector("[data-skew]").hidden = node.versions.length < 2;
  showGauge(element, "load", node.load);
  showGauge(element, "memory", node.memory_limit_bytes ? node.memory_bytes / node.memory_limit_bytes : null);
  element.querySelector("[data-limit]").hidden = !node.memory_limit_bytes;
  element.querySelector("[data-no-limit]").hidden = node.memory_limit_bytes !== 0;
  showButtons(element.querySelector("form"), node);
  if (moved) sparkOf(element).add(node.images_per_s);
}

function showGauge(element, name, part) {
  const gauge = element.querySelector(`[data-gauge="${name}"]`);
  gauge.dataset.high = part > HIGH ? "yes" : "";
  setAttribute(gauge.querySelector(".bar__fill"), "width", Math.round((part ?? 0) * 100));
}

/** Only an administrator's page has them. */
function showButtons(form, node) {
  if (!form) return;
  form.elements.node.value = node.name;
  for (const place of form.querySelectorAll("[data-name]")) write(place, node.name);
  for (const button of form.querySelectorAll("button")) button.hidden = (button.value === "yes") === node.cordoned;
}

function showGroup(element, group) {
  write(field(element, "name"), group.name);
  const rows = element.querySelector("tbody");
  reconcile(rows, "node", group.nodes, (node) => node.name, showRow);
  const { verdict, busiest, load } = group.spare;
  const line = element.querySelector(".spare");
  line.dataset.verdict = verdict;
  write(field(line, "spare"), phrase(`spare.${verdict}`, { node: busiest, load: percent(load) }));
}

function showRow(row, node) {
  row.dataset.state = node.state;
  fill(row, node);
  write(field(row, "name"), node.name);
  write(field(row, "state"), word("node", node.state));
}

function tick() {
  tickConnection();
  tickMonitor();
}

setInterval(tick, 1000);
new LiveSocket("/ws/live", {
  since: () => 0,
  onState: showConnection,
  onMessage(message) {
    take[message.kind]?.(message);
    frame.ask();
  },
}).connect();
