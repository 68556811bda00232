/** Enrols photos that were dropped, chosen or taken by the webcam: by the API, with a line for what became of each. */

import { clone, field, write } from "./dom.js";
import { acceptDrops } from "./drop.js";
import { Webcam } from "./webcam.js";

const AT_ONCE = 3;
const form = document.querySelector("[data-enrol]");
const reports = document.getElementById("reports");
const token = form.elements.csrfmiddlewaretoken.value;
const waiting = [];
let sending = 0;

class Photo {
  constructor(file, source) {
    Object.assign(this, { file, source, overrule: [], row: clone("report") });
    this.shown = URL.createObjectURL(file);
    this.row.querySelector("img").src = this.shown;
    write(field(this.row, "file"), file.name);
    this.button = this.row.querySelector("[data-overrule]");
    this.button.addEventListener("click", () => enqueue(this));
    this.show("waiting");
    reports.prepend(this.row);
  }

  show(state, text = "") {
    this.row.dataset.state = state;
    for (const word of this.row.querySelectorAll("[data-word]")) word.hidden = word.dataset.word !== state;
    write(field(this.row, "text"), text);
    this.button.hidden = state !== "refused" || !this.overrule.length;
  }

  async send() {
    this.show("asking");
    const query = new URLSearchParams({ source: this.source, overrule: this.overrule.join(",") });
    try {
      const answer = await fetch(`${form.dataset.enrol}?${query}`, {
        method: "POST",
        body: this.file,
        headers: { "X-CSRFToken": token, "Content-Type": this.file.type || "application/octet-stream" },
      });
      this.take(answer.status, await answer.json());
    } catch {
      this.show("unsent");
    }
  }

  take(status, { detail, objections = [] }) {
    if (status === 201) {
      this.show("enrolled");
      URL.revokeObjectURL(this.shown);
      document.body.dispatchEvent(new Event("enrolled"));
      return;
    }
    const mayBe = objections.length && objections.every((one) => one.may_be_overruled);
    this.overrule = mayBe ? objections.map((one) => one.reason) : [];
    this.show("refused", detail);
  }
}

function enqueue(photo) {
  photo.show("waiting");
  waiting.push(photo);
  work();
}

async function work() {
  if (sending >= AT_ONCE || !waiting.length) return;
  sending += 1;
  await waiting.shift().send();
  sending -= 1;
  work();
}

function take(files, source) {
  for (const file of files) enqueue(new Photo(file, source));
}

const input = form.querySelector("input[type=file]");
form.classList.add("enrol--live");
acceptDrops(form.querySelector("[data-drop]"), (files) => take(files, "upload"));
input.addEventListener("change", () => {
  take([...input.files], "upload");
  input.value = "";
});
new Webcam(form, (photo) => take([photo], "webcam"));
