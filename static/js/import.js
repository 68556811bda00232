/** Sends a zip file in parts, or a folder photo by photo, then shows how the import goes. */

const PIECE_BYTES = 4_000_000;
const TRIES = 4;
const form = document.querySelector("[data-import]");
const token = form.elements.csrfmiddlewaretoken.value;
const bar = form.querySelector("[data-sending]");
const folder = document.getElementById("id_folder");

async function ask(method, path, body, type = "application/octet-stream") {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const headers = { "X-CSRFToken": token, "Content-Type": type };
      const answer = await fetch(form.dataset.import + path, { method, body, headers });
      if (answer.status < 500) return await read(answer);
    } catch (error) {
      if (error instanceof Refused || attempt === TRIES) throw error;
    }
    if (attempt === TRIES) throw new Error("no answer");
    await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
  }
}

class Refused extends Error {}

async function read(answer) {
  const body = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw new Refused(body.detail);
  return body;
}

async function sendZip(id, file) {
  const pieces = Math.ceil(file.size / PIECE_BYTES);
  for (let number = 0; number < pieces; number += 1) {
    const part = file.slice(number * PIECE_BYTES, (number + 1) * PIECE_BYTES);
    await ask("PUT", `/${id}/pieces/${number}`, part);
    bar.value = (number + 1) / pieces;
  }
}

async function sendFolder(id, files) {
  for (const [number, file] of files.entries()) {
    await ask("POST", `/${id}/photos?${new URLSearchParams({ path: file.webkitRelativePath || file.name })}`, file);
    bar.value = (number + 1) / files.length;
  }
}

async function send() {
  const [zip] = form.elements.zip.files;
  const [list] = form.elements.people_list.files;
  const files = [...folder.files];
  const overrule = form.elements.overrule.checked ? ["too_small", "blurred", "turned_away"] : [];
  const title = zip?.name ?? files[0]?.webkitRelativePath.split("/")[0] ?? "";
  const people_list = list ? await list.text() : null;
  const { id } = await ask("POST", "", JSON.stringify({ title, people_list, overrule }), "application/json");
  if (zip) await sendZip(id, zip);
  else await sendFolder(id, files);
  await ask("POST", `/${id}/start`);
  location.assign(`${form.dataset.shows}/${id}`);
}

function tell(error) {
  const refused = error instanceof Refused;
  form.querySelector("[data-problem]").hidden = !refused;
  form.querySelector("[data-unsent]").hidden = !error || refused;
  form.querySelector("[data-field=problem]").textContent = refused ? error.message : "";
}

form.classList.add("enrol--live");
form.querySelector("[data-script]").hidden = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  bar.hidden = false;
  tell(null);
  try {
    await send();
  } catch (error) {
    tell(error);
  }
  button.disabled = false;
  bar.hidden = true;
});
