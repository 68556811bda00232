/** Files dropped on an element. */

export function acceptDrops(drop, take) {
  const over = (event) => {
    event.preventDefault();
    drop.classList.toggle("drop--over", event.type === "dragover");
  };
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) drop.addEventListener(name, over);
  drop.addEventListener("drop", (event) => {
    if (event.dataTransfer.files.length) take(event.dataTransfer.files);
  });
}
