// Who works, on what, and who has stopped.

import { h, icon, reconcile, setAttr, setText } from "./dom.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { follow } from "./live.js";

const $ = (id) => document.getElementById(id);

function draw({ alive, withdrawn, schedulers }) {
  $("hosts").querySelector(".skeleton")?.remove();
  const hosts = new Map();
  for (const worker of alive) hosts.set(worker.host, [...(hosts.get(worker.host) ?? []), worker]);
  const sorted = [...hosts].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
  reconcile($("hosts"), sorted, ([host]) => host, makeHost, updateHost);
  const busy = alive.filter((worker) => worker.job).length;
  setText($("summary"), alive.length ? [t("workers.summary", { n: alive.length, busy }), t("workers.machines", { n: hosts.size })].join(" · ") : "");
  $("empty").hidden = alive.length > 0;

  const reasons = Object.entries(withdrawn);
  $("withdrawn-box").hidden = !reasons.length;
  reconcile($("withdrawn"), reasons, ([slot]) => slot, ([slot]) => h("li", {}, h("strong", {}, slot), h("span")), (row, [, why]) => setText(row.lastElementChild, why));

  $("schedulers-box").hidden = false;
  $("schedulers-none").hidden = schedulers.length > 0;
  reconcile($("schedulers"), schedulers, (name) => name, (name) => h("li", { class: "chip" }, icon("clock"), name));
}

function makeHost([host]) {
  return h("section", { class: "card host", "aria-label": host }, h("header", {}, h("h2", { class: "truncate", title: host }, host), h("span", { class: "muted small" })), h("ul"));
}

function updateHost(element, [, workers]) {
  setText(element.querySelector("header span"), t("workers.here", { n: workers.length, busy: workers.filter((worker) => worker.job).length }));
  const sorted = workers.toSorted((a, b) => a.slot.localeCompare(b.slot, undefined, { numeric: true }));
  reconcile(element.querySelector("ul"), sorted, (worker) => worker.slot, makeWorker, updateWorker);
}

function makeWorker(worker) {
  return h(
    "li",
    { class: "worker", dataset: { testid: "worker" } },
    h("span", { class: "lamp", "aria-hidden": "true" }),
    h("span", { class: "device truncate", title: worker.slot }, worker.device),
    h("span", { class: "muted" }, t("workers.process", { pid: String(worker.pid), queues: worker.queues.join(", ") })),
    h("span", { class: "doing truncate" }),
    h("span", { class: "models truncate" }),
    h("span", { class: "memory" }, h("span", { class: "bar-track" }, h("span", { class: "bar-fill" })), h("span")),
  );
}

function updateWorker(element, worker) {
  const [, , , doing, models, memory] = element.children;
  setAttr(element, "data-busy", String(Boolean(worker.job)));
  const said = `${worker.job ?? ""} ${worker.chunk ?? ""} ${worker.doing}`;
  if (doing.dataset.said !== said) {
    doing.dataset.said = said;
    doing.replaceChildren(...whatItDoes(worker));
  }
  setText(models, worker.model ? t("workers.models", { names: worker.model }) : "");
  setAttr(models, "title", worker.model || null);
  drawMemory(memory, worker);
}

/** Of its GPU, how much is taken of all; else what its process takes. */
function drawMemory(element, { memory, device_memory: taken, device_memory_total: all }) {
  const [track, says] = element.children;
  element.hidden = !memory && !all;
  track.hidden = !all;
  if (all) track.firstElementChild.style.transform = `scaleX(${Math.min(1, taken / all)})`;
  setText(says, all ? t("workers.memory", { used: format.bytes(taken), total: format.bytes(all) }) : t("workers.process_memory", { used: format.bytes(memory) }));
}

/** Its chunk, as a link to the job's; else its own words. */
function whatItDoes(worker) {
  if (!worker.job) return [h("span", { class: "muted" }, worker.doing === "waiting" || !worker.doing ? t("workers.idle") : worker.doing)];
  const chunk = worker.chunk === "stitch" ? t("workers.stitch") : worker.chunk === null || worker.chunk === undefined ? "" : t("workers.chunk", { chunk: String(worker.chunk) });
  const place = Number.isInteger(worker.chunk) ? `#chunk=${worker.chunk}` : "";
  return [h("a", { href: `/jobs/${worker.job}${place}` }, worker.job), chunk && ` · ${chunk}`];
}

follow("/events", { workers: draw });
