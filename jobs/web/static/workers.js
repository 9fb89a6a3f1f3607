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
  setText($("summary"), alive.length ? t("workers.summary", { n: alive.length, busy, hosts: hosts.size }) : "");
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
  const devices = new Set(workers.map((worker) => worker.model).filter(Boolean));
  setText(element.querySelector("header span"), [...devices].join(", "));
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
    h("span", { class: "memory", hidden: true }, h("span", { class: "bar-track" }, h("span", { class: "bar-fill", style: { display: "block" } })), h("span")),
  );
}

function updateWorker(element, worker) {
  const [, , , doing, memory] = element.children;
  setAttr(element, "data-busy", String(Boolean(worker.job)));
  const said = `${worker.job ?? ""} ${worker.chunk ?? ""} ${worker.doing}`;
  if (doing.dataset.said !== said) {
    doing.dataset.said = said;
    doing.replaceChildren(...whatItDoes(worker));
  }
  const { used, total } = worker.memory ?? {};
  memory.hidden = !total;
  if (!total) return;
  memory.firstElementChild.firstElementChild.style.transform = `scaleX(${Math.min(1, used / total)})`;
  setText(memory.lastElementChild, t("workers.memory", { used: format.bytes(used), total: format.bytes(total) }));
}

/** Its chunk, as a link to the job's; else its own words. */
function whatItDoes(worker) {
  if (!worker.job) return [h("span", { class: "muted" }, worker.doing === "idle" || !worker.doing ? t("workers.idle") : worker.doing)];
  const chunk = worker.chunk === "stitch" ? t("workers.stitch") : worker.chunk === null || worker.chunk === undefined ? "" : t("workers.chunk", { chunk: String(worker.chunk) });
  const place = Number.isInteger(worker.chunk) ? `?chunk=${worker.chunk}` : "";
  return [h("a", { href: `/jobs/${worker.job}${place}` }, worker.job), chunk && ` · ${chunk}`];
}

follow("/events", { workers: draw });
