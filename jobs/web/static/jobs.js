// The list of jobs: what is under way first, live; then what has ended, by the page.

import { get, mayOrder } from "./api.js";
import { debounce, h, icon, reconcile, setAttr, setText } from "./dom.js";
import { goOn } from "./endless.js";
import * as format from "./format.js";
import { named, t } from "./i18n.js";
import { follow } from "./live.js";
import { shortcut } from "./shortcuts.js";
import { cancel, pauseOrResume, prioritise } from "./steer.js";
import { fail } from "./toast.js";

const FINAL = new Set(["done", "failed", "cancelled", "damaged"]);
const PRIORITIES = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const PAGE = 50;
const $ = (id) => document.getElementById(id);

const wanted = { state: "", kind: "", q: "", ...Object.fromEntries(new URLSearchParams(location.search)) };
const cards = new Map();
let next = null;
let asked = new AbortController();
let isLoaded = false;

// What is asked for

async function load({ more = false } = {}) {
  if (!more) {
    asked.abort();
    asked = new AbortController();
  }
  const query = { state: wanted.state, kind: wanted.kind, q: wanted.q, limit: PAGE, cursor: more ? next : "" };
  try {
    const page = await get("/jobs", query, asked.signal);
    if (!more) cards.clear();
    for (const card of page.items) cards.set(card.job, card);
    next = page.next;
    isLoaded = true;
    draw();
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

/** The API's own filter, for what comes by the event stream. */
function fits(card) {
  const { state, kind, q } = wanted;
  if (state === "active" ? FINAL.has(card.state) : state && card.state !== state) return false;
  if (kind && card.kind !== kind) return false;
  const text = q.toLowerCase();
  return !text || [card.job, card.style, card.output, card.error].some((each) => each.toLowerCase().includes(text));
}

// What is shown

function draw() {
  const shown = [...cards.values()].filter(fits).sort((a, b) => b.submitted - a.submitted || (a.job < b.job ? -1 : 1));
  reconcile($("active"), shown.filter((card) => !FINAL.has(card.state)), (card) => card.job, row, update);
  reconcile($("ended"), shown.filter((card) => FINAL.has(card.state)), (card) => card.job, row, update);
  const isFiltered = wanted.state || wanted.kind || wanted.q;
  $("skeleton").hidden = isLoaded;
  $("list").hidden = !shown.length;
  $("nothing").hidden = !isLoaded || shown.length > 0 || !isFiltered;
  $("empty").hidden = !isLoaded || shown.length > 0 || Boolean(isFiltered);
  $("more").hidden = !next;
}

function row(card) {
  const title = h("a", { class: "name", href: `/jobs/${card.job}` }, card.job);
  return h(
    "tr",
    { dataset: { testid: "job", job: card.job } },
    h("td", {}, h("span", { class: "state" })),
    h("td", {}, h("div", { class: "named" }, h("img", { class: "cover", alt: "", loading: "lazy", decoding: "async", width: 64, height: 40 }), h("div", { class: "texts" }, h("div", { class: "truncate" }, title), h("div", { class: "about truncate" }), h("div", { class: "why" })))),
    h(
      "td",
      {},
      h(
        "div",
        { class: "progress" },
        h("p", {}, h("span"), h("span", { class: "muted" })),
        h("div", { class: "bar-track", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": card.frames, "aria-label": t("jobs.progress_of", { job: card.job }) }, h("div", { class: "bar-fill" })),
      ),
    ),
    h("td", { class: "number" }, h("div"), h("div", { class: "about" })),
    h("td", { class: "number" }, h("time")),
    h("td", { class: "number", dataset: { label: t("jobs.col.cost") } }),
    h("td", { class: "number", dataset: { label: t("jobs.col.priority") } }, mayOrder ? priorityOf(card) : h("span")),
    h("td", {}, mayOrder && steering(card)),
  );
}

function priorityOf(card) {
  const select = h("select", { "aria-label": t("jobs.priority_of", { job: card.job }), dataset: { testid: "priority" } }, PRIORITIES.map((n) => h("option", { value: n }, format.number(n))));
  select.addEventListener("change", () => prioritise(cards.get(card.job), Number(select.value), took));
  return select;
}

function steering(card) {
  const button = (testid, act) => h("button", { type: "button", class: "plain icon-only", dataset: { testid }, onclick: () => act(cards.get(card.job), took) });
  return h("div", { class: "steer" }, button("pause-resume", pauseOrResume), button("cancel", cancel));
}

function update(element, card) {
  const [state, name, progress, rate, time, cost, priority, steer] = element.children;
  const isOver = FINAL.has(card.state);
  setAttr(element, "data-state", card.state);
  const said = named(`common.state.${card.state}`, card.state);
  if (state.textContent !== said) state.firstElementChild.replaceChildren(icon(`state-${card.state}`), said);

  const [cover, texts] = name.firstElementChild.children;
  drawCover(cover, card);
  const [, about, why] = texts.children;
  setText(about, [named(`common.kind.${card.kind}`, card.kind), card.style, card.output].filter(Boolean).join(" · "));
  setAttr(about, "title", card.output);
  setText(why, card.state === "cancelled" ? "" : card.error);
  setAttr(why, "title", card.error);

  const part = card.frames ? card.frames_done / card.frames : 0;
  const [counts, track] = progress.firstElementChild.children;
  setText(counts.children[0], isOver && part === 1 ? format.amount(card.frames, card.noun) : t("jobs.of", { done: card.frames_done, all: format.amount(card.frames, card.noun) }));
  setText(counts.children[1], part === 1 && isOver ? "" : format.percent(part));
  setAttr(track, "aria-valuenow", card.frames_done);
  setAttr(track, "aria-valuetext", format.percent(part));
  track.firstElementChild.style.transform = `scaleX(${part})`;

  const isMoving = card.state === "running" && Boolean(card.rate);
  setText(rate.children[0], isMoving ? format.rate(card.rate) : "");
  setText(rate.children[1], isMoving && card.workers ? t("jobs.workers", { n: card.workers }) : "");
  drawTime(time.firstElementChild, card, isOver);
  setText(cost, card.cost === null ? "" : format.money(card.cost));
  drawPriority(priority.firstElementChild, card, isOver);
  if (steer.firstElementChild) drawSteering(steer.firstElementChild, card, isOver);
}

/** A picture, once something is painted; another one now and then while more is. */
function drawCover(picture, card) {
  const tenth = card.chunks_done ? Math.ceil((10 * card.chunks_done) / card.chunks) : 0;
  if (!tenth || picture.dataset.at === String(tenth)) return;
  picture.dataset.at = tenth;
  picture.src = `/api/v1/jobs/${card.job}/cover?at=${tenth}`;
}

function drawTime(element, card, isOver) {
  const moment = isOver ? card.finished ?? card.submitted : card.eta_s === null ? null : Date.now() / 1000 + card.eta_s;
  if (isOver) setText(element, format.ago(moment));
  else setText(element, card.state === "running" && card.eta_s !== null ? t("jobs.left", { time: format.eta(card.eta_s) }) : "");
  setAttr(element, "datetime", moment === null ? null : new Date(moment * 1000).toISOString());
  setAttr(element, "title", moment === null ? null : format.when(moment));
}

function drawPriority(element, card, isOver) {
  const shown = card.priority === null ? "" : String(card.priority);
  if (element.tagName !== "SELECT") setText(element, shown);
  else if (document.activeElement !== element) element.value = shown;
  element.hidden = isOver;
}

function drawSteering(element, card, isOver) {
  const [toggle, stop] = element.children;
  const isPaused = card.state === "paused";
  const says = t(isPaused ? "jobs.resume" : "jobs.pause", { job: card.job });
  if (toggle.getAttribute("aria-label") !== says) {
    toggle.replaceChildren(icon(isPaused ? "play" : "pause"));
    setAttr(toggle, "aria-label", says);
    setAttr(toggle, "title", t(isPaused ? "jobs.resume.short" : "jobs.pause.short"));
  }
  if (!stop.childElementCount) stop.append(icon("stop"));
  setAttr(stop, "aria-label", t("jobs.cancel", { job: card.job }));
  setAttr(stop, "title", t("jobs.cancel.short"));
  element.hidden = isOver;
}

/** What a job has become by being steered; the event stream may take a second to say so. */
function took(job) {
  const card = cards.get(job.job);
  if (card) cards.set(job.job, { ...card, state: job.state, priority: job.priority, error: job.error });
  draw();
}

// What is heard

let everythingHeard = {};

function heardJobs(news) {
  for (const card of news) {
    if (cards.has(card.job) || fits(card)) cards.set(card.job, card);
  }
  everythingHeard.jobs = news;
  draw();
  drawFarm();
}

function heardWorkers(workers) {
  everythingHeard.workers = workers;
  drawFarm();
}

function drawFarm() {
  const { jobs = [], workers } = everythingHeard;
  const active = jobs.filter((card) => !FINAL.has(card.state));
  const rate = active.reduce((sum, card) => sum + (card.state === "running" ? card.rate ?? 0 : 0), 0);
  setText($("farm-rate"), t("common.per_second", { rate: format.number(rate, rate < 10 ? 2 : 1) }));
  setText($("farm-jobs"), format.number(active.length));
  if (!workers) return;
  const busy = workers.alive.filter((worker) => worker.job).length;
  setText($("farm-workers"), t("jobs.farm.busy", { busy, all: workers.alive.length }));
  const price = workers.price_per_hour;
  $("farm-cost-box").hidden = !price;
  if (price) setText($("farm-cost"), t("jobs.farm.per_hour", { cost: format.money(price * workers.alive.length) }));
}

// What is asked of it

function filter(change) {
  Object.assign(wanted, change);
  for (const button of document.querySelectorAll("[data-state-filter]")) {
    setAttr(button, "aria-pressed", String(button.dataset.stateFilter === wanted.state));
  }
  const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  history.replaceState(null, "", query.size ? `/?${query}` : "/");
  draw();
  load();
}

for (const button of document.querySelectorAll("[data-state-filter]")) {
  button.addEventListener("click", () => filter({ state: button.dataset.stateFilter }));
}
$("kind").value = wanted.kind;
$("kind").addEventListener("change", () => filter({ kind: $("kind").value }));
$("q").value = wanted.q;
$("q").addEventListener("input", debounce(250, () => filter({ q: $("q").value.trim() })));
$("filters").addEventListener("submit", (event) => event.preventDefault());
goOn($("more"), () => load({ more: true }));

function step(by) {
  const names = [...document.querySelectorAll(".jobs .name")];
  const at = names.indexOf(document.activeElement);
  names[Math.max(0, Math.min(names.length - 1, at + by))]?.focus();
}

const focused = () => cards.get(document.activeElement?.closest?.("tr")?.dataset.job);

shortcut("j", t("jobs.keys.down"), () => step(1));
shortcut("k", t("jobs.keys.up"), () => step(-1));
if (mayOrder) shortcut("p", t("jobs.keys.pause"), () => focused() && !FINAL.has(focused().state) && pauseOrResume(focused(), took));

filter({});
follow("/events", { jobs: heardJobs, workers: heardWorkers });
setInterval(draw, 30_000);
