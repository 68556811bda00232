/** Time as the server tells it, and how it is written. */

const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const full = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "narrow" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

/** How far this machine's clock is behind the server's, by what the page said when it was made. */
function skewMs() {
  const page = performance.getEntriesByType("navigation")[0];
  const served = performance.timeOrigin + (page?.responseStart ?? performance.now());
  return Date.parse(document.getElementById("wall").dataset.now) - served;
}
const skew = skewMs();

export function ageS(iso) {
  return Math.max(0, (Date.now() + skew - Date.parse(iso)) / 1000);
}

export function since(iso) {
  const age = ageS(iso);
  const [unit, seconds] = UNITS.find(([, seconds]) => age >= seconds) ?? UNITS.at(-1);
  return ago.format(-Math.floor(age / seconds), unit);
}

export function showClock(time, iso) {
  const moment = new Date(iso);
  time.dateTime = iso;
  time.textContent = clock.format(moment);
  time.title = full.format(moment);
}

/** Writes the times that the server drew in its own time zone in the reader's. */
export function localise(root) {
  for (const time of root.querySelectorAll("time[data-clock][datetime]")) showClock(time, time.dateTime);
}
