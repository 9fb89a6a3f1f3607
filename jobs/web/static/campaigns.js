// What is made again and again: when next, what became of the last runs, and steering it.

import { get, mayOrder, post, remove } from "./api.js";
import { confirmed } from "./dialogs.js";
import { h, icon, reconcile, setText } from "./dom.js";
import { isJobFile, takeFilesHere } from "./drop.js";
import * as format from "./format.js";
import { named, t } from "./i18n.js";
import { follow } from "./live.js";
import { fail, toast } from "./toast.js";

const EVERY_MS = 20_000;
const $ = (id) => document.getElementById(id);
const histories = new Map();

/** All rows of a list that comes by the page. */
async function everything(path) {
  const items = [];
  let cursor = "";
  do {
    const page = await get(path, { limit: 500, cursor });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}

async function load() {
  if (document.hidden) return;
  try {
    draw(await everything("/campaigns"));
  } catch (error) {
    if (!$("campaigns").childElementCount || $("campaigns").querySelector(".skeleton")) fail(error);
  }
}

function draw(campaigns) {
  $("campaigns").querySelector(".skeleton")?.remove();
  $("empty").hidden = campaigns.length > 0;
  reconcile($("campaigns"), campaigns, (campaign) => campaign.name, make, update);
}

function make(campaign) {
  const order = (testid, says, name, act) => h("button", { type: "button", dataset: { testid }, onclick: act }, icon(name), says);
  return h(
    "article",
    { class: "card campaign", dataset: { testid: "campaign", name: campaign.name }, "aria-label": campaign.name },
    h(
      "header",
      {},
      h("div", { class: "grow" }, h("h2", {}, campaign.name), h("p", { class: "rule" })),
      h("span", { class: "state" }),
      mayOrder && h(
        "div",
        { class: "does" },
        order("run-now", t("campaigns.run_now"), "play", () => runNow(campaign.name)),
        h("button", { type: "button", dataset: { testid: "pause-resume" } }),
        h("button", { type: "button", class: "plain icon-only", title: t("campaigns.remove"), "aria-label": t("campaigns.remove_one", { name: campaign.name }), dataset: { testid: "remove" }, onclick: () => takeOut(campaign.name) }, icon("trash")),
      ),
    ),
    h(
      "div",
      { class: "campaign-body" },
      h("section", {}, h("h3", {}, t("campaigns.next")), h("ul", { class: "next-runs" }), h("p", { class: "muted small" })),
      h("section", {}, h("h3", {}, t("campaigns.last")), h("ul", { class: "last-runs" }), h("p", { class: "muted small" }), h("button", { type: "button", class: "plain history", onclick: () => showHistory(campaign.name) }, t("campaigns.history"))),
    ),
  );
}

function update(element, campaign) {
  setText(element.querySelector(".rule"), [named(`common.kind.${campaign.kind}`, campaign.kind), campaign.said || campaign.schedule, campaign.zone].filter(Boolean).join(" · "));
  drawState(element, campaign);
  const next = element.querySelector(".next-runs");
  reconcile(next, campaign.next, (moment) => moment, () => h("li", {}, h("time"), h("span"), h("span", { class: "there" })), (row, moment) => drawNext(row, moment, campaign.zone));
  setText(next.nextElementSibling, campaign.next.length ? "" : t(campaign.state === "paused" ? "campaigns.next.paused" : "campaigns.next.none"));
  const last = element.querySelector(".last-runs");
  const runs = histories.get(campaign.name) ?? campaign.last.slice(0, 5);
  reconcile(last, runs, (run) => `${run.at} ${run.ordered ?? ""}`, () => h("li", {}, h("span", { class: "state" }), h("span", { class: "truncate" }), h("time"), h("span", { class: "why" })), drawRun);
  setText(last.nextElementSibling, runs.length ? "" : t("campaigns.last.none"));
  element.querySelector(".history").hidden = histories.has(campaign.name) || runs.length < 3;
}

function drawState(element, campaign) {
  const isPaused = campaign.state === "paused";
  const state = element.querySelector("header .state");
  const name = isPaused ? "paused" : campaign.state === "on" ? "running" : "done";
  state.dataset.state = name;
  state.replaceChildren(icon(isPaused ? "state-paused" : campaign.state === "on" ? "clock" : "state-done"), named(`campaigns.state.${campaign.state}`, campaign.state));
  const button = element.querySelector("[data-testid=pause-resume]");
  if (!button) return;
  button.hidden = campaign.state !== "on" && !isPaused;
  button.onclick = () => pauseOrResume(campaign);
  const says = t(isPaused ? "campaigns.resume" : "campaigns.pause");
  if (button.textContent !== says) button.replaceChildren(icon(isPaused ? "play" : "pause"), says);
}

/** On the reader's clock first, for that is when they look; on the campaign's below, where that is another. */
function drawNext(row, moment, zone) {
  const [here, away, there] = row.children;
  setText(here, format.nextAt(moment));
  here.dateTime = new Date(moment * 1000).toISOString();
  setText(away, format.ago(moment));
  const elsewhere = zone ? format.nextAt(moment, zone) : "";
  setText(there, elsewhere && elsewhere !== format.nextAt(moment) ? t("campaigns.there", { time: elsewhere, zone }) : "");
}

function drawRun(row, run) {
  const [state, job, time, why] = row.children;
  state.dataset.state = run.state;
  const said = named(`common.state.${run.state}`, named(`campaigns.run.${run.state}`, run.state));
  if (state.textContent !== said) state.replaceChildren(icon(`state-${KNOWN.has(run.state) ? run.state : "waiting"}`), said);
  if (job.textContent !== (run.job || "–")) job.replaceChildren(run.job ? h("a", { href: `/jobs/${run.job}` }, run.job) : "–");
  setText(time, run.ordered ? t("campaigns.ordered", { time: format.ago(run.at) }) : format.ago(run.at));
  time.title = format.when(run.at);
  time.dateTime = new Date(run.at * 1000).toISOString();
  setText(why, run.why ?? "");
}

const KNOWN = new Set(["waiting", "running", "stitching", "paused", "done", "failed", "cancelled"]);

// What is asked of them

async function did(promise, sentence, undo) {
  try {
    await promise;
    toast(sentence, { undo });
    await load();
  } catch (error) {
    fail(error);
  }
}

const path = (name) => `/campaigns/${encodeURIComponent(name)}`;
const runNow = (name) => did(post(`${path(name)}/run-now`), t("campaigns.ran", { name }));

function pauseOrResume({ name, state }) {
  const [verb, back] = state === "paused" ? ["resume", "pause"] : ["pause", "resume"];
  const undo = { label: t("common.undo"), act: () => did(post(`${path(name)}/${back}`), t(`campaigns.steered.${back}`, { name })) };
  did(post(`${path(name)}/${verb}`), t(`campaigns.steered.${verb}`, { name }), undo);
}

async function takeOut(name) {
  if (!(await confirmed(t("campaigns.remove.heading"), t("campaigns.remove.sentence", { name }), t("campaigns.remove.do")))) return;
  did(remove(path(name)), t("campaigns.removed", { name }));
}

async function showHistory(name) {
  try {
    histories.set(name, (await get(path(name))).last);
    await load();
  } catch (error) {
    fail(error);
  }
}

/** A campaign is called after its file, in the letters that its name may have. */
const nameOf = (file) => file.name.replace(/\.ya?ml$/i, "").replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^[-_]+|-+$/g, "").slice(0, 63) || "campaign";

async function add(files) {
  const file = files.find(isJobFile);
  if (!file) return toast(t("campaigns.no_file"), { tone: "bad" });
  try {
    const added = await post("/campaigns", { file: await file.text(), name: nameOf(file) });
    toast([t("campaigns.added", { name: added.name }), ...(added.notes ?? [])].join(" "));
    await load();
    document.querySelector(`.campaign[data-name="${CSS.escape(added.name)}"]`)?.scrollIntoView({ block: "center" });
  } catch (error) {
    fail(error);
  }
}

if (mayOrder) {
  takeFilesHere(add);
  $("add").addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = "";
  });
}

await load();
setInterval(load, EVERY_MS);
document.addEventListener("visibilitychange", load);
follow("/events", { workers: ({ schedulers }) => ($("no-scheduler").hidden = schedulers.length > 0 || !$("campaigns").querySelector(".campaign")) });
