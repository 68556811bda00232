/** One websocket that stays: it reconnects with jittered back-off and resumes after the last number seen. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
// A status comes each second while the monitor lives; without it the server greets anew every 10 to 15 s. So long
// without either, and the line is dead.
const SILENCE_MS = 20_000;
const REFUSED = new Set([4401, 4403]);

export class LiveSocket {
  #path;
  #since;
  #onMessage;
  #onState;
  #socket = null;
  #attempts = 0;
  #retry = 0;
  #silence = 0;

  /** `since()` gives the last number seen. `onState(state, retryMs)`: connecting, open, closed or refused. */
  constructor(path, { since, onMessage, onState }) {
    this.#path = path;
    this.#since = since;
    this.#onMessage = onMessage;
    this.#onState = onState;
    addEventListener("online", () => this.#retry && this.connect());
    addEventListener("pageshow", (event) => event.persisted && this.connect());
  }

  connect() {
    clearTimeout(this.#retry);
    this.#retry = 0;
    this.#drop();
    if (!this.#attempts) this.#onState("connecting", 0);
    const socket = new WebSocket(this.#address());
    this.#socket = socket;
    socket.onmessage = (event) => this.#received(event);
    socket.onclose = (event) => this.#closed(event.code);
    this.#listen();
  }

  #address() {
    const address = new URL(this.#path, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    if (this.#since() > 0) address.searchParams.set("since", this.#since());
    return address;
  }

  #received(event) {
    this.#onState("open", 0);
    this.#attempts = 0;
    this.#listen();
    this.#onMessage(JSON.parse(event.data));
  }

  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#closed(0), SILENCE_MS);
  }

  #closed(code) {
    this.#drop();
    if (REFUSED.has(code)) return this.#onState("refused", 0);
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempts++);
    const delay = ceiling * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => this.connect(), delay);
    this.#onState("closed", delay);
  }

  #drop() {
    clearTimeout(this.#silence);
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
