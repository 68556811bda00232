/** Drawing records: lists of elements that follow lists of records, and fields that follow a record's. */

import { clone, write } from "./dom.js";
import { Spark } from "./spark.js";
import { formats } from "./words.js";

const sparks = new WeakMap();

/** Makes the children of `list` those of `records`, keeping the elements that are there. `data-<kind>` is their key. */
export function reconcile(list, kind, records, keyOf, show) {
  const there = new Map([...list.children].map((element) => [element.dataset[kind], element]));
  const elements = records.map((record) => {
    const element = there.get(keyOf(record)) ?? clone(list.dataset.template ?? kind);
    element.dataset[kind] = keyOf(record);
    show(element, record);
    return element;
  });
  if (elements.length !== list.children.length || elements.some((element, place) => list.children[place] !== element))
    list.replaceChildren(...elements);
}

/** Writes each field that says how it is written. */
export function fill(element, record) {
  for (const place of element.querySelectorAll("[data-format]")) {
    const format = formats[place.dataset.format];
    if (format) write(place, format(record[place.dataset.field]));
  }
}

export function sparkOf(element) {
  if (!sparks.has(element)) sparks.set(element, new Spark(element.querySelector(".spark")));
  return sparks.get(element);
}
