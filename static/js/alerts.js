/** Alerts as they come, the newest on top. */

import { localise, showClock } from "./clock.js";
import { clone, field, write } from "./dom.js";
import { word } from "./words.js";

const KEPT = 40;

const list = document.getElementById("alerts");
localise(list);

/** `alerts` are oldest first; one that is here already is shown as it is now. */
export function showAlerts(alerts) {
  for (const alert of alerts) {
    const known = list.querySelector(`[data-number="${Number(alert.number)}"]`);
    if (known) fill(known, alert);
    else list.prepend(fill(fresh(), alert));
  }
  while (list.children.length > KEPT) list.lastElementChild.remove();
}

function fresh() {
  const element = clone("alert");
  element.classList.add("alert--new");
  return element;
}

function fill(element, alert) {
  const face = element.querySelector("img");
  const source = `/media/sightings/${Number(alert.sighting)}/face`;
  element.dataset.number = alert.number;
  element.dataset.state = alert.state;
  if (face.getAttribute("src") !== source) face.src = source;
  write(field(element, "who"), alert.person?.name ?? word("face", "stranger"));
  write(field(element, "rule"), alert.rule);
  write(field(element, "camera_name"), alert.camera_name);
  showClock(element.querySelector("time"), alert.raised_at);
  element.querySelector("[data-late]").hidden = !alert.late;
  return element;
}
