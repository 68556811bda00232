/** The nodes and the totals. */

import { clone, field, setAttribute, write } from "./dom.js";
import { Spark } from "./spark.js";
import { formats, word } from "./words.js";

const list = document.getElementById("nodes");
const totals = document.getElementById("totals");
const hubDown = document.getElementById("hub-down");
const sparks = new WeakMap();

export function showStatus({ nodes, totals: now }, moved) {
  showNodes(nodes, moved);
  fill(totals, now);
  hubDown.hidden = now.hub !== "down";
  if (moved) sparkOf(totals).add(now.images_per_s);
}

function showNodes(nodes, moved) {
  const cards = new Map([...list.children].map((element) => [element.dataset.node, element]));
  const elements = nodes.map((node) => showNode(cards.get(node.name) ?? clone("node"), node, moved));
  if (elements.length !== list.children.length || elements.some((element, place) => list.children[place] !== element))
    list.replaceChildren(...elements);
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
  return element;
}

function fill(element, record) {
  for (const place of element.querySelectorAll("[data-format]")) {
    const format = formats[place.dataset.format];
    if (format) write(place, format(record[place.dataset.field]));
  }
}

function sparkOf(element) {
  if (!sparks.has(element)) sparks.set(element, new Spark(element.querySelector(".spark")));
  return sparks.get(element);
}
