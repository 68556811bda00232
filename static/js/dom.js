/** Clones templates and fills their fields. Text goes in as textContent, never as markup. */

export function clone(name) {
  return document.getElementById(`${name}-template`).content.firstElementChild.cloneNode(true);
}

export function field(element, name) {
  return element.querySelector(`[data-field="${name}"]`);
}

/** Writes `text` only where it differs: an untouched node costs no layout and is not read out again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}
