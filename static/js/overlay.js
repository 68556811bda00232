/** Draws boxes and names over a picture. recognition/pages/overlay.py does the same for the first state. */

const LABEL_PART = 0.075;
const FRAME_RATIO = 9 / 16;

const model = document.getElementById("face-template").content.querySelector("g");

export function drawOverlay(svg, { width, height, faces }) {
  const size = Math.max(height, width * FRAME_RATIO) * LABEL_PART;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(...faces.map((face) => mark(face, width, size)));
}

function mark(face, pictureWidth, size) {
  const drawn = model.cloneNode(true);
  const [rect, text] = drawn.children;
  const [x, y, width, height] = face.box;
  const above = y - size * 0.35;
  const right = x + width / 2 > pictureWidth / 2; // the label grows towards the middle, so that the edge cuts none off
  drawn.classList.toggle("face--known", face.person !== null);
  drawn.classList.toggle("face--poor", face.poor);
  for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
  text.textContent = face.person?.name ?? "";
  text.setAttribute("x", right ? Math.min(x + width, pictureWidth) : Math.max(x, 0));
  text.setAttribute("text-anchor", right ? "end" : "start");
  text.setAttribute("y", above > size ? above : y + height + size);
  text.setAttribute("font-size", size);
  return drawn;
}
