/** What is wrong with the installation itself, as the monitor tells it. */

import { localise, showClock } from "./clock.js";
import { clone, field, write } from "./dom.js";
import { phrase, told } from "./words.js";

const list = document.getElementById("troubles");
localise(list);

/** Draws exactly these, in this order; one that stays is not read out again. */
export function showTroubles(troubles) {
  const shown = new Map([...list.children].map((element) => [name(element.dataset), element]));
  const elements = troubles.map((trouble) => fill(shown.get(name(trouble)) ?? clone("trouble"), trouble));
  if (elements.length !== list.children.length || elements.some((element, place) => list.children[place] !== element))
    list.replaceChildren(...elements);
}

function name({ kind, about }) {
  return `${kind} ${about}`;
}

function fill(element, { kind, about, text, severity, since }) {
  const time = element.querySelector("time");
  element.dataset.kind = kind;
  element.dataset.about = about;
  element.dataset.severity = severity;
  write(field(element, "text"), phrase(`trouble.${kind}`, { about, text: told(text) }));
  if (time.dateTime !== since) showClock(time, since);
  return element;
}
