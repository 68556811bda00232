/** The cameras, by group. */

import { clone, field, write } from "./dom.js";
import { Tile } from "./tile.js";
import { told, word } from "./words.js";

const wall = document.getElementById("groups");
const none = document.getElementById("no-cameras");
const tiles = new Map([...wall.querySelectorAll(".tile")].map((element) => [element.dataset.camera, new Tile(element)]));
const names = new Map([...tiles.values()].map((tile) => [tile.camera, field(tile.element, "name").textContent]));

export function cameraName(slug) {
  return names.get(slug) ?? "";
}

/** Draws exactly these cameras, in this order; a tile that stays keeps its picture. */
export function showCameras(cameras) {
  const slugs = new Set(cameras.map((camera) => camera.slug));
  for (const [slug, tile] of tiles) if (!slugs.has(slug)) forget(slug, tile);
  const groups = Map.groupBy ? Map.groupBy(cameras, (camera) => camera.group) : grouped(cameras);
  const sections = [...groups.values()].map(showGroup);
  if (sections.length !== wall.children.length || sections.some((section, place) => wall.children[place] !== section))
    wall.replaceChildren(...sections);
  none.hidden = cameras.length > 0;
}

export function showResult(result) {
  const tile = tiles.get(result.camera);
  if (!tile) return;
  tile.complain(result.state === "done" ? "" : told(result.reason) || word("result", result.state));
  if (result.newest) tile.show(result);
}

export function tickCameras() {
  for (const tile of tiles.values()) tile.tick();
}

function grouped(cameras) {
  const groups = new Map();
  for (const camera of cameras) groups.set(camera.group, [...(groups.get(camera.group) ?? []), camera]);
  return groups;
}

function showGroup(cameras) {
  const { group, group_name: name } = cameras[0];
  const section = [...wall.children].find((element) => element.dataset.group === group) ?? clone("group");
  const list = section.querySelector("ul");
  section.dataset.group = group;
  write(field(section, "name"), name);
  write(field(section, "count"), String(cameras.length));
  const elements = cameras.map((camera) => showCamera(camera).element);
  if (elements.length !== list.children.length || elements.some((element, place) => list.children[place] !== element))
    list.replaceChildren(...elements);
  return section;
}

function showCamera(camera) {
  const tile = tiles.get(camera.slug) ?? new Tile();
  tiles.set(camera.slug, tile);
  names.set(camera.slug, camera.name);
  tile.update(camera);
  return tile;
}

function forget(slug, tile) {
  tile.forget();
  tiles.delete(slug);
  names.delete(slug);
}
