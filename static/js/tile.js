/** One camera: its newest snapshot with the boxes over it, how old that is, and what is wrong with it. */

import { ageS, since } from "./clock.js";
import { clone, field, write } from "./dom.js";
import { drawOverlay } from "./overlay.js";
import { phrase, word } from "./words.js";

const RESULTS_KEPT = 8;

const limits = document.getElementById("wall").dataset;
const tiles = new WeakMap();
const onScreen = new IntersectionObserver(
  (entries) => entries.forEach((entry) => tiles.get(entry.target)?.sighted(entry.isIntersecting)),
  { rootMargin: "25%" },
);

export class Tile {
  element;
  #enabled;
  #picture;
  #overlay;
  #capturedAt;
  #number = 0;
  #results = [];
  #wanted = null;
  #early = null; // a photo that came before its result
  #shown = ""; // the snapshot whose photo stands in the tile
  #loading = false;
  #onScreen = false;

  constructor(element = clone("tile")) {
    this.element = element;
    this.#enabled = element.dataset.state !== "disabled";
    this.#picture = element.querySelector("img");
    this.#overlay = element.querySelector("svg.overlay");
    this.#capturedAt = element.querySelector("time").dateTime;
    this.#overlay.toggleAttribute("hidden", true); // until it is known that it belongs to the photo shown
    tiles.set(element, this);
    onScreen.observe(element);
  }

  get camera() {
    return this.element.dataset.camera;
  }

  update(camera) {
    this.element.dataset.camera = camera.slug;
    this.#enabled = camera.enabled;
    write(field(this.element, "name"), camera.name);
    this.#picture.alt = phrase("picture", { camera: camera.name });
    if (camera.newest) this.show(camera.newest);
    this.tick();
  }

  /** Shows this snapshot as soon as its photo has come; an older one still on its way is passed over. */
  show(result) {
    if (result.number <= this.#number || !result.width) return;
    this.#number = result.number;
    this.#capturedAt = result.captured_at;
    this.#results = [...this.#results, result].slice(-RESULTS_KEPT);
    this.#wanted = result;
    this.tick();
    this.#load();
  }

  /** `reason` is why the last snapshot was not recognised, empty when it was. */
  complain(reason) {
    const problem = field(this.element, "problem");
    write(problem, reason);
    problem.parentElement.hidden = !reason;
  }

  tick() {
    const state = this.#state();
    this.element.dataset.state = state;
    write(field(this.element, "state"), word("camera", state));
    if (this.#capturedAt) write(this.element.querySelector("time"), since(this.#capturedAt));
  }

  sighted(onScreen) {
    this.#onScreen = onScreen;
    this.#load();
  }

  forget() {
    onScreen.unobserve(this.element);
    this.element.remove();
  }

  #state() {
    if (!this.#enabled) return "disabled";
    if (!this.#capturedAt) return "waiting";
    const age = ageS(this.#capturedAt);
    if (age <= Number(limits.lateAfterS)) return "live";
    return age <= Number(limits.offlineAfterS) ? "late" : "offline";
  }

  async #load() {
    if (this.#loading || !this.#wanted || !this.#onScreen) return;
    const { id } = this.#wanted;
    this.#wanted = null;
    this.#loading = true;
    await this.#bring(id).catch(() => undefined); // a photo that is gone or broken: the next one is on its way
    this.#loading = false;
    this.#load();
  }

  /** The camera's newest photo may be newer than the one asked for: its header says whose boxes belong over it. */
  async #bring(id) {
    if (id === this.#shown) return;
    const { snapshot, photo } = this.#early?.snapshot === id ? this.#early : await this.#fetch(id);
    const result = this.#results.find((known) => known.id === snapshot);
    this.#early = result ? null : { snapshot, photo };
    if (result) await this.#swap(photo, result);
  }

  async #fetch(id) {
    const answer = await fetch(`/media/cameras/${encodeURIComponent(this.camera)}/newest?snapshot=${id}`);
    if (!answer.ok) throw new Error(`${answer.status}`);
    return { snapshot: answer.headers.get("X-Snapshot"), photo: await answer.blob() };
  }

  async #swap(photo, result) {
    const url = URL.createObjectURL(photo);
    const picture = Object.assign(new Image(), { className: this.#picture.className, alt: this.#picture.alt, src: url });
    await picture.decode().finally(() => URL.revokeObjectURL(url));
    this.#picture.replaceWith(picture);
    this.#picture = picture;
    this.#shown = result.id;
    this.#overlay.removeAttribute("hidden");
    drawOverlay(this.#overlay, result);
  }
}
