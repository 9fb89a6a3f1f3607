/**
 * The head of the page: how the job stands, and the orders that can be given to it now.
 */
import { mayOrder, post, put } from "./api.js";
import { fail, toast } from "./toast.js";
import { h, icon, setAttr, setText } from "./dom.js";
import { ago, amount, duration, eta, money, number, percent, rate, when } from "./format.js";
import { named, t } from "./i18n.js";
import { shortcut } from "./shortcuts.js";
import { confirmed } from "./dialogs.js";

const byId = (id) => document.getElementById(id);
const AT_WORK = new Set(["waiting", "running", "stitching"]);
const LEAST = 1;
const MOST = 9;

export class Head {
  constructor(page) {
    this.page = page;
    this.facts = new Map();
    this.#build();
    // Times that tell how long ago something was go on without news.
    setInterval(() => this.#times(), 10_000);
  }

  stands(job, before) {
    this.#state(job, before);
    this.#facts(job);
    this.#actions(job);
    const about = [named(`common.kind.${job.kind}`, job.kind), job.style, amount(job.frames, job.noun)];
    setText(byId("job-about"), about.filter(Boolean).join(" · "));
  }

  #state(job, before) {
    const chip = byId("job-state");
    const name = named(`common.state.${job.state}`, job.state);
    if (chip.dataset.state !== job.state) {
      chip.dataset.state = job.state;
      chip.replaceChildren(icon(`state-${job.state}`), h("span", {}, name));
      byId("job").dataset.state = job.state;
    }
    if (before.state !== job.state && before.job) setText(byId("job-news"), t("job.now", { state: name }));
    const share = job.frames ? job.frames_done / job.frames : 0;
    const bar = byId("job-bar");
    setAttr(bar, "aria-valuenow", Math.floor(share * 100));
    bar.dataset.state = job.state;
    bar.firstElementChild.style.transform = `scaleX(${share})`;
    setText(byId("job-count"), t("job.count", { done: job.frames_done, all: amount(job.frames, job.noun), percent: percent(share, job.frames >= 1000 ? 1 : 0) }));
    const error = byId("job-error");
    error.hidden = !job.error;
    setText(error, job.error ?? "");
    document.title = AT_WORK.has(job.state) ? `${percent(share)} · ${job.job}` : `${job.job} · Atelier`;
  }

  #facts(job) {
    const isOver = job.finished !== null && job.finished !== undefined && !AT_WORK.has(job.state);
    const rows = [
      ["eta", job.state === "running" ? eta(job.eta_s) : null],
      ["rate", job.state === "running" ? rate(job.rate) : null],
      ["workers", AT_WORK.has(job.state) ? number(job.running.length) : null],
      ["compute", job.compute_s !== null ? duration(job.compute_s) : null],
      ["cost", job.cost !== null ? money(job.cost) : null],
      ["submitted", job.submitted !== null ? ago(job.submitted) : null, when(job.submitted)],
      ["took", isOver && job.submitted ? duration(job.finished - job.submitted) : null, isOver ? when(job.finished) : ""],
      ["generation", job.generation > 1 ? number(job.generation) : null],
    ];
    for (const [name, text, title] of rows) this.#fact(name, text, title);
  }

  #fact(name, text, title = "") {
    const { row, value } = this.facts.get(name);
    row.hidden = text === null;
    setText(value, text ?? "");
    setAttr(value, "title", title || null);
  }

  #times() {
    const { job } = this.page;
    if (job.submitted) this.#fact("submitted", ago(job.submitted), when(job.submitted));
  }

  #build() {
    for (const name of ["eta", "rate", "workers", "compute", "cost", "submitted", "took", "generation"]) {
      const value = h("dd", { dataset: { testid: `fact-${name}` } });
      const row = h("div", { hidden: true }, h("dt", {}, t(`job.fact.${name}`)), value);
      this.facts.set(name, { row, value });
      byId("job-facts").append(row);
    }
    if (!mayOrder) return;
    const order = (name, picture, act, tone = "") =>
      h("button", { type: "button", class: tone, dataset: { testid: name }, onclick: act, hidden: true }, icon(picture), t(`job.${name}`));
    this.pause = order("pause", "pause", () => this.#steer("pause"));
    this.resume = order("resume", "play", () => this.#steer("resume"), "primary");
    this.cancel = order("cancel", "stop", () => this.#cancel(), "danger");
    this.redo = order("redo_all", "redo", () => this.#redoAll());
    this.priority = this.#stepper();
    shortcut("p", t("job.pause_or_resume"), () => [this.pause, this.resume].find((button) => !button.hidden)?.click());
    byId("job-actions").append(this.priority.box, this.pause, this.resume, this.cancel, this.redo);
  }

  #actions(job) {
    if (!mayOrder) return;
    const isOpen = AT_WORK.has(job.state) || job.state === "paused";
    this.pause.hidden = !(job.state === "running" || job.state === "waiting");
    this.resume.hidden = job.state !== "paused";
    this.cancel.hidden = !isOpen;
    this.redo.hidden = isOpen || job.state === "damaged";
    const { box, value, less, more } = this.priority;
    box.hidden = !isOpen || job.priority === null;
    setText(value, String(job.priority ?? ""));
    less.disabled = job.priority <= LEAST;
    more.disabled = job.priority >= MOST;
  }

  #stepper() {
    const value = h("output", { dataset: { testid: "priority" }, "aria-live": "polite" });
    const step = (by) => () => this.#order(() => put(`${this.page.path}/priority`, { priority: this.page.job.priority + by }));
    const button = (name, picture, by) =>
      h("button", { type: "button", class: "plain icon-only", "aria-label": t(`job.priority_${name}`), dataset: { testid: `priority-${name}` }, onclick: step(by) }, icon(picture));
    const less = button("less", "minus", -1);
    const more = button("more", "plus", 1);
    const label = h("span", { class: "muted small", id: "priority-label" }, t("job.priority"));
    const box = h("div", { class: "stepper", role: "group", "aria-labelledby": "priority-label", title: t("job.priority_says"), hidden: true }, label, less, value, more);
    return { box, value, less, more };
  }

  #steer(what) {
    const undo = { pause: "resume", resume: "pause" }[what];
    return this.#order(
      () => post(`${this.page.path}/${what}`),
      () => toast(t(`job.${what}_done`), undo && { undo: { label: t(`job.${undo}`), act: () => this.#steer(undo) } }),
    );
  }

  async #cancel() {
    const { job } = this.page;
    const says = t("job.cancel_says", { done: job.chunks_done, all: job.chunks });
    if (await confirmed(t("job.cancel_sure"), says, t("job.cancel"))) await this.#steer("cancel");
  }

  async #redoAll() {
    const { job, wall } = this.page;
    if (!wall.model) return;
    const says = t("job.redo_all_says", { frames: amount(job.frames, job.noun), n: job.chunks });
    if (!(await confirmed(t("job.redo_all_sure"), says, t("job.redo_all"), { danger: false }))) return;
    const frames = wall.model.numbers.write([[0, wall.model.frames]]);
    await this.#order(() => post(`${this.page.path}/redo`, { frames }));
    await wall.load();
  }

  async #order(act, then) {
    try {
      this.page.tell(await act());
      then?.();
    } catch (error) {
      fail(error);
    }
  }
}
