/** A small line of the last minute's values. */

const KEPT = 60;
const HEIGHT = 20;

export class Spark {
  #line;
  #values = [];

  constructor(svg) {
    this.#line = svg.querySelector("polyline");
  }

  add(value) {
    this.#values = [...this.#values, value ?? 0].slice(-KEPT);
    const top = Math.max(1, ...this.#values);
    const first = KEPT - this.#values.length;
    const points = this.#values.map((one, place) => `${first + place},${(HEIGHT - 1 - (one / top) * (HEIGHT - 2)).toFixed(1)}`);
    this.#line.setAttribute("points", points.join(" "));
  }
}
