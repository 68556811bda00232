/** Numbers and words as the page's language writes them; the words come from the page itself. */

const UNKNOWN = "–";
const language = document.documentElement.lang;
const words = new Map(
  [...document.querySelectorAll("#words > data")].map((element) => [element.value, element.textContent]),
);
const counts = new Intl.NumberFormat(language);
const parts = new Intl.NumberFormat(language, { style: "percent" });
const rates = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const known = (write) => (value) => (value === null || value === undefined ? UNKNOWN : write(value));
export const count = known((value) => counts.format(value));
export const percent = known((value) => parts.format(value));
export const rate = known((value) => rates.format(value));
export const took = known((value) => `${counts.format(Math.round(value))} ms`);
export const formats = { count, percent, rate };

export function word(kind, key) {
  return words.get(key ? `${kind}.${key}` : kind) ?? key ?? kind;
}

/** The word with its %(name)s places filled. */
export function phrase(kind, places) {
  return word(kind).replace(/%\((\w+)\)s/g, (_, name) => places[name]);
}

/** Who is on the picture: names first, then how many strangers; or why there is none. */
export function seen(result) {
  if (result.state !== "done") return result.reason;
  const names = result.faces.filter((face) => face.person).map((face) => face.person.name);
  const strangers = result.faces.length - names.length;
  if (strangers) names.push(word("face", "stranger") + (strangers > 1 ? ` × ${strangers}` : ""));
  return names.join(", ") || word("face", "none");
}

export function ending(result) {
  return result.state === "done" ? result.way || "done" : result.state;
}
