/** Gathers changes and applies them once per animation frame; in a hidden tab, which has none, once a second. */

const HIDDEN_EVERY_MS = 1000;

export class Frame {
  #apply;
  #asked = false;

  constructor(apply) {
    this.#apply = apply;
    document.addEventListener("visibilitychange", () => this.#asked && this.#run());
  }

  ask() {
    if (this.#asked) return;
    this.#asked = true;
    if (document.hidden) setTimeout(() => this.#run(), HIDDEN_EVERY_MS);
    else requestAnimationFrame(() => this.#run());
  }

  #run() {
    if (!this.#asked) return;
    this.#asked = false;
    this.#apply();
  }
}
