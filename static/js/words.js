/** Numbers and words as the page's language writes them; the words come from the page itself. */

const UNKNOWN = "–";
const PLACE = /%\((\w+)\)s/;
const SPECIAL = /[.*+?^${}()|[\]\\]/g;
const AGES = [["d", 86_400], ["h", 3600], ["min", 60]];
const SIZES = [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]];
const language = document.documentElement.lang;
const words = new Map(
  [...document.querySelectorAll("#words > data")].map((element) => [element.value, element.textContent]),
);
const counts = new Intl.NumberFormat(language);
const parts = new Intl.NumberFormat(language, { style: "percent" });
const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false });
const weights = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const rates = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const known = (write) => (value) => (value === null || value === undefined ? UNKNOWN : write(value));
export const count = known((value) => counts.format(value));
export const percent = known((value) => parts.format(value));
export const rate = known((value) => rates.format(value));
export const took = known((value) => `${counts.format(Math.round(value))} ms`);
export const latency = known((ms) => {
  if (ms < 10) return `${tenths.format(ms)} ms`;
  return ms < 10_000 ? `${counts.format(Math.round(ms))} ms` : `${tenths.format(ms / 1000)} s`;
});
export const age = known((s) => {
  const [unit, length] = AGES.find(([, length]) => s >= 2 * length) ?? ["s", 1];
  return `${Math.floor(s / length)} ${unit}`;
});
export const size = known((bytes) => {
  const [unit, length] = SIZES.find(([, length]) => bytes >= length) ?? ["B", 1];
  return `${unit !== "B" && bytes < 10 * length ? (bytes / length).toFixed(1) : Math.round(bytes / length)} ${unit}`;
});
export const weight = known((value) => weights.format(value));
export const listed = (texts) => texts.join(", ") || UNKNOWN;
/** Without the recipes of enrolment, which go with the others. */
export const recipes = (all) => listed(all.filter((recipe) => !recipe.endsWith(".enrol")));
export const formats = { count, percent, rate, latency, age, size, weight, listed, recipes };

/** The reasons that differ from time to time: how they come, and how they are told. */
const reasons = [...words]
  .filter(([key]) => key.startsWith("reason.") && PLACE.test(key))
  .map(([key, text]) => [patternOf(key.slice("reason.".length)), text]);

/** Split gives texts and, between them, the names of places. */
function patternOf(reason) {
  const parts = reason.split(PLACE).map((part, at) => (at % 2 ? `(?<${part}>[^ ]+)` : part.replace(SPECIAL, "\\$&")));
  return new RegExp(`^${parts.join("")}$`);
}

function filled(text, places) {
  return text.replace(new RegExp(PLACE, "g"), (_, name) => places[name]);
}

export function word(kind, key) {
  return words.get(key ? `${kind}.${key}` : kind) ?? key ?? kind;
}

/** The word with its %(name)s places filled. */
export function phrase(kind, places) {
  return filled(word(kind), places);
}

/** A reason in the reader's language, as recognition/reasons.py tells it; one that is not known there as it came. */
export function told(reason) {
  if (words.has(`reason.${reason}`)) return words.get(`reason.${reason}`);
  for (const [pattern, text] of reasons) {
    const found = reason.match(pattern);
    if (found) return filled(text, found.groups);
  }
  return reason;
}

/** Who is on the picture: names first, then how many strangers and how many nobody could tell; or why there is none. */
export function seen(result) {
  if (result.state !== "done") return told(result.reason);
  const names = result.faces.filter((face) => face.person).map((face) => face.person.name);
  const nameless = result.faces.filter((face) => !face.person);
  for (const kind of ["stranger", "poor"]) {
    const number = nameless.filter((face) => face.poor === (kind === "poor")).length;
    if (number) names.push(word("face", kind) + (number > 1 ? ` × ${number}` : ""));
  }
  return names.join(", ") || word("face", "none");
}

export function ending(result) {
  return result.state === "done" ? result.way || "done" : result.state;
}
