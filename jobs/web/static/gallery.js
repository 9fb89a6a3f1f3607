// What was made, to look at: a wall of pictures, and one of them alone with its facts.

import { get } from "./api.js";
import { debounce, h, reconcile, setAttr, setText } from "./dom.js";
import { goOn } from "./endless.js";
import * as format from "./format.js";
import { named, t } from "./i18n.js";
import { shortcut } from "./shortcuts.js";
import { fail } from "./toast.js";

const PAGE = 60;
const EVERY_MS = 30_000;
const $ = (id) => document.getElementById(id);

const { kind = "", model = "", q = "" } = Object.fromEntries(new URLSearchParams(location.search));
const wanted = { kind, model, q };
let items = [];
let next = null;
let asked = new AbortController();
let shown = -1;

const nameOf = (item) => `${item.job}/${item.number}`;
const titleOf = (item) => item.title || nameOf(item);

// The wall

async function load({ more = false } = {}) {
  if (!more) {
    asked.abort();
    asked = new AbortController();
  }
  try {
    const page = await get("/gallery", { ...wanted, limit: PAGE, cursor: more ? next : "" }, asked.signal);
    const known = new Set(more ? items.map(nameOf) : []);
    items = more ? [...items, ...page.items.filter((item) => !known.has(nameOf(item)))] : page.items;
    next = page.next;
    draw();
    return true;
  } catch (error) {
    fail(error);
    return false;
  } finally {
    $("skeleton").hidden = true;
  }
}

function draw() {
  reconcile($("wall"), items, nameOf, make);
  const isFiltered = wanted.kind || wanted.model || wanted.q;
  $("nothing").hidden = items.length > 0 || Boolean(next) || !isFiltered;
  $("empty").hidden = items.length > 0 || Boolean(next) || Boolean(isFiltered);
  $("more").hidden = !next;
}

function make(item) {
  const ratio = item.width && item.height ? Math.min(3, Math.max(0.4, item.width / item.height)) : 1;
  const picture = h("img", { src: item.thumb, alt: titleOf(item), loading: "lazy", decoding: "async" });
  if (!item.width) picture.addEventListener("load", () => box.style.setProperty("--ratio", String(picture.naturalWidth / picture.naturalHeight)));
  const link = h("a", { href: `#${nameOf(item)}`, dataset: { testid: "picture" } }, picture, h("span", { class: "title", "aria-hidden": "true" }, titleOf(item)));
  const box = h("li", { style: { "--ratio": String(ratio) } }, link);
  return box;
}

/** What is new goes to the front, unless somebody looks at something further down. */
async function refresh() {
  if (document.hidden || shown >= 0 || scrollY > 200) return;
  try {
    const page = await get("/gallery", { ...wanted, limit: PAGE });
    const fresh = new Set(page.items.map(nameOf));
    const old = items.filter((item) => !fresh.has(nameOf(item)));
    if (items.length <= PAGE) next = page.next;
    items = items.length <= PAGE ? page.items : [...page.items, ...old];
    draw();
  } catch {
    // It tries again by itself; the wall is no place for alarms.
  }
}

// One picture

function show(at) {
  const item = items[at];
  if (!item) return;
  shown = at;
  const picture = $("lightbox-picture");
  const stage = picture.parentElement;
  stage.dataset.loading = "true";
  picture.onload = () => (stage.dataset.loading = "false");
  picture.src = item.picture;
  picture.alt = titleOf(item);
  setText($("lightbox-title"), titleOf(item));
  $("facts").replaceChildren(...factsOf(item).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  $("like").href = `/submit?more=${encodeURIComponent(item.job)}/${item.number}`;
  $("job").href = `/jobs/${item.job}#frame=${item.number}`;
  $("download").href = item.picture;
  $("download").download = `${item.job}-${item.number}`;
  $("previous").disabled = at === 0;
  $("next").disabled = at === items.length - 1 && !next;
  if (!$("lightbox").open) $("lightbox").showModal();
  history.replaceState(null, "", `#${nameOf(item)}`);
  for (const near of [items[at + 1], items[at - 1]]) if (near) new Image().src = near.picture;
  if (at >= items.length - 6 && next) $("more").click();
}

function factsOf(item) {
  const rows = [[t("gallery.fact.kind"), named(`common.kind.${item.kind}`, item.kind)]];
  for (const [name, value] of Object.entries(item.facts)) {
    if (!value) continue;
    rows.push([named(`gallery.fact.${name}`, name.replace(/_|(?=[A-Z])/g, " ").toLowerCase()), value]);
  }
  if (item.width && item.height) rows.push([t("gallery.fact.pixels"), t("gallery.pixels", { width: item.width, height: item.height })]);
  if (item.at) rows.push([t("gallery.fact.at"), format.when(item.at)]);
  rows.push([t("gallery.fact.job"), item.job]);
  return rows;
}

const step = (by) => shown >= 0 && items[shown + by] && show(shown + by);

$("previous").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
$("close").addEventListener("click", () => $("lightbox").close());
$("lightbox").addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") step(-1);
  else if (event.key === "ArrowRight") step(1);
  else return;
  event.preventDefault();
});
$("lightbox").addEventListener("close", () => {
  history.replaceState(null, "", location.pathname + location.search);
  // Where one was looking, not where one began.
  $("wall").children[shown]?.querySelector("a").focus();
  shown = -1;
});

let touchedAt = null;
$("lightbox").addEventListener("pointerdown", (event) => (touchedAt = event.pointerType === "touch" ? event.clientX : null));
$("lightbox").addEventListener("pointerup", (event) => {
  if (touchedAt === null) return;
  const moved = event.clientX - touchedAt;
  if (Math.abs(moved) > 50) step(moved > 0 ? -1 : 1);
});

$("wall").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show([...$("wall").children].indexOf(link.parentElement));
});

/** The picture that an address names, as somebody sent it. */
function showAsked() {
  const name = decodeURIComponent(location.hash.slice(1));
  const at = items.findIndex((item) => nameOf(item) === name);
  if (at >= 0) show(at);
}

// What is asked for

function filter(change) {
  Object.assign(wanted, change);
  for (const button of document.querySelectorAll("[data-kind]")) setAttr(button, "aria-pressed", String(button.dataset.kind === wanted.kind));
  const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  history.replaceState(null, "", `/gallery${query.size ? `?${query}` : ""}${location.hash}`);
  return load();
}

for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => filter({ kind: button.dataset.kind }));
$("model").addEventListener("change", () => filter({ model: $("model").value }));
$("q").value = wanted.q;
$("q").addEventListener("input", debounce(250, () => filter({ q: $("q").value.trim() })));
$("filters").addEventListener("submit", (event) => event.preventDefault());
goOn($("more"), () => load({ more: true }), { margin: "800px" });

async function offerModels() {
  const [models, templates] = await Promise.all([get("/models"), get("/templates")]).catch(() => [[], []]);
  const makers = models.filter((model) => model.kind === "generator" || model.kind === "designer");
  const group = (label, rows) => h("optgroup", { label }, rows.map((row) => h("option", { value: row.name }, row.title)));
  $("model").append(group(t("gallery.models"), makers), group(t("gallery.templates"), templates));
  $("model").value = wanted.model;
}

shortcut("j", t("gallery.next"), () => move(1));
shortcut("k", t("gallery.previous"), () => move(-1));
function move(by) {
  const links = [...$("wall").querySelectorAll("a")];
  links[Math.max(0, Math.min(links.length - 1, links.indexOf(document.activeElement) + by))]?.focus();
}

offerModels();
await filter({});
showAsked();
addEventListener("hashchange", showAsked);
setInterval(refresh, EVERY_MS);
