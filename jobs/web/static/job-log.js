/**
 * What happened to the job and its chunks, a line each, the newest first.
 */
import { get } from "./api.js";
import { quietly } from "./job-quiet.js";
import { h } from "./dom.js";
import { clock, when } from "./format.js";
import { t } from "./i18n.js";

const AGAIN_MS = 3000;

/** What a line is about: "chunk 12", the stitch, or the job as a whole. */
export function place(chunk) {
  if (chunk === null) return "";
  return Number.isInteger(chunk) ? t("job.of_chunk", { chunk: String(chunk) }) : t("job.stitch");
}

/** Lines of the log, as the API gives them. */
export function logLines(items) {
  return h("ol", { class: "log", dataset: { testid: "log" } }, items.map((item) => h("li", { dataset: { level: item.level } },
    h("time", { title: when(item.at, { seconds: true }) }, clock(item.at)),
    h("span", { class: "log-level" }, t(`job.level.${item.level}`)),
    h("span", { class: "log-what" }, item.message),
    h("span", { class: "muted" }, [place(item.chunk), item.worker].filter(Boolean).join(" · ")),
  )));
}

export class LogTab {
  constructor(page) {
    this.page = page;
    this.level = "";
  }

  shown(panel) {
    if (!this.lines) this.#build(panel);
    this.#load().catch(quietly);
  }

  wallChanged() {
    this.due ??= setTimeout(() => {
      this.due = undefined;
      if (this.lines.offsetParent) this.#load().catch(() => null);
    }, AGAIN_MS);
  }

  #build(panel) {
    const select = h("select", {}, ["", "warning", "error"].map((level) => h("option", { value: level }, level ? t(`job.from.${level}`) : t("job.from.all"))));
    select.addEventListener("change", () => {
      this.level = select.value;
      this.#draw();
    });
    this.lines = h("div", { class: "log-box", tabindex: "0", role: "region", "aria-label": t("job.log") });
    panel.append(h("div", { class: "filters" }, h("label", {}, t("job.show"), " ", select)), this.lines);
  }

  async #load() {
    this.items = (await get(`${this.page.path}/log`, { limit: 2000 })).items;
    this.#draw();
  }

  #draw() {
    const wanted = { "": ["info", "warning", "error"], warning: ["warning", "error"], error: ["error"] }[this.level];
    const items = this.items.filter((item) => wanted.includes(item.level)).reverse();
    this.lines.replaceChildren(items.length ? logLines(items) : h("p", { class: "muted" }, t("job.no_log")));
  }
}
