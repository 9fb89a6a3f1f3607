/**
 * The chunks as a table: by state, a page at a time, with receipt and log of each in a fold. It is also the wall for
 * those who cannot see it.
 */
import { get } from "./api.js";
import { quietly } from "./job-quiet.js";
import { fail } from "./toast.js";
import { h, icon, reconcile, setText } from "./dom.js";
import { ago, duration, rate, when } from "./format.js";
import { named, t } from "./i18n.js";
import { logLines } from "./job-log.js";

const STATES = ["waiting", "published", "rendering", "done", "failed", "redone", "bad"];
const PAGE = 25;
const AGAIN_MS = 2500;

export class ChunksTab {
  constructor(page) {
    this.page = page;
    this.state = "";
    this.first = 0;
    this.asked = 0;
    this.items = [];
    this.folds = new Map();
  }

  shown(panel) {
    if (!this.table) this.#build(panel);
    this.#load().catch(quietly);
  }

  /** Show the chunks from one on, and what is known of that one. The tab is open. */
  async beginWith(chunk) {
    this.state = this.select.value = "";
    this.first = chunk;
    await this.#load();
    const fold = this.body.querySelector(`[data-testid="chunk-${chunk}"]`);
    if (fold && !this.folds.has(chunk)) await this.#toggle(fold, chunk);
  }

  /** Some chunks changed: what is seen of them is asked for again, now and then. */
  wallChanged() {
    this.due ??= setTimeout(() => {
      this.due = undefined;
      if (this.table.offsetParent) this.#refresh().catch(() => null);
    }, AGAIN_MS);
  }

  #build(panel) {
    const options = ["", ...STATES].map((state) => h("option", { value: state }, state ? t(`wall.kind.${state}`) : t("job.any_state")));
    this.select = h("select", { dataset: { testid: "chunks-state" } }, options);
    this.select.addEventListener("change", () => {
      this.state = this.select.value;
      this.first = 0;
      this.#load().catch(fail);
    });
    const heads = ["chunk", "span", "state", "worker", "attempts", "took", "speed", "finished"];
    this.body = h("tbody");
    this.table = h("table", { class: "chunks", dataset: { testid: "chunks" } },
      h("caption", { class: "visually-hidden" }, t("job.chunks")),
      h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col", class: NUMBERS.has(name) ? "number" : null }, t(`job.chunk.${name}`))))),
      this.body,
    );
    this.none = h("p", { class: "muted", hidden: true }, t("job.no_chunks"));
    this.more = h("button", { type: "button", onclick: () => this.#load(this.next).catch(fail), hidden: true }, t("common.load_more"));
    this.all = h("button", { type: "button", class: "plain", hidden: true, dataset: { testid: "chunks-all" } }, t("job.all_chunks"));
    this.all.addEventListener("click", () => {
      this.first = 0;
      this.#load().catch(fail);
    });
    panel.append(
      h("div", { class: "filters" }, h("label", {}, t("job.state"), " ", this.select), this.all),
      h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": t("job.chunks") }, this.table),
      this.none, this.more,
    );
  }

  async #load(cursor) {
    const asked = (this.asked += 1);
    const page = await this.#page(PAGE, cursor);
    // Meanwhile others were asked for.
    if (asked !== this.asked) return;
    if (!cursor) this.items = [];
    this.items.push(...page.items);
    this.next = page.next;
    this.#draw();
  }

  async #refresh() {
    const { asked } = this;
    const page = await this.#page(Math.min(200, Math.max(PAGE, this.items.length)));
    if (asked !== this.asked) return;
    this.items = page.items;
    this.next = page.next;
    this.#draw();
  }

  #page(limit, cursor) {
    return get(`${this.page.path}/chunks`, { state: this.state, first: this.first, limit, cursor });
  }

  #draw() {
    const rows = this.items.flatMap((item) => (this.folds.has(item.chunk) ? [item, { fold: item.chunk }] : [item]));
    reconcile(
      this.body, rows,
      (row) => ("fold" in row ? `fold ${row.fold}` : row.chunk),
      (row) => ("fold" in row ? this.folds.get(row.fold) : this.#row(row)),
      (element, row) => "fold" in row || this.#fill(element, row),
    );
    this.more.hidden = !this.next;
    this.all.hidden = !this.first;
    this.none.hidden = this.items.length > 0;
  }

  #row(item) {
    const fold = h("button", { type: "button", class: "plain", "aria-expanded": "false", dataset: { testid: `chunk-${item.chunk}` } }, icon("right"), String(item.chunk));
    const span = h("button", { type: "button", class: "link", onclick: () => this.page.wall.lookAt(this.page.wall.model?.numbers.frame(item.start) ?? 0) });
    const row = h("tr", {}, h("th", { scope: "row" }, fold), h("td", {}, span), ...Array.from({ length: 6 }, (_, n) => h("td", { class: n > 1 && n < 5 ? "number" : null })));
    fold.addEventListener("click", () => this.#toggle(fold, item.chunk));
    return row;
  }

  #fill(row, item) {
    const [, span, state, worker, attempts, took, speed, finished] = row.cells;
    setText(span.firstElementChild, item.start === item.stop ? `${item.start}` : `${item.start}–${item.stop}`);
    const name = named(`wall.kind.${item.state}`, item.state) + (item.painted ? ` · ${t("wall.painted_of", { n: item.painted, of: item.frames })}` : "");
    if (state.textContent !== name) state.replaceChildren(h("span", { class: "state", dataset: { state: item.state } }, h("span", { class: "wall-swatch", dataset: { kind: item.state } }), name));
    setText(worker, item.worker ?? "–");
    worker.title = item.device ?? "";
    setText(attempts, item.failures ? t("job.failed_of", { n: item.attempts, failed: item.failures }) : String(item.attempts));
    setText(took, duration(item.wall_s));
    setText(speed, rate(item.frames_per_s));
    setText(finished, item.finished_at ? ago(item.finished_at) : "–");
    finished.title = item.finished_at ? when(item.finished_at, { seconds: true }) : "";
  }

  async #toggle(button, chunk) {
    const isOpen = this.folds.delete(chunk);
    button.setAttribute("aria-expanded", !isOpen);
    if (isOpen) return this.#draw();
    const cell = h("td", { colspan: "8" }, t("common.loading"));
    this.folds.set(chunk, h("tr", { class: "chunk-detail", dataset: { testid: `chunk-${chunk}-fold` } }, cell));
    this.#draw();
    cell.replaceChildren(...(await this.#detail(chunk)));
  }

  async #detail(chunk) {
    const [receipt, log] = await Promise.all([
      get(`${this.page.path}/chunks/${chunk}/receipt`).catch(() => null),
      get(`${this.page.path}/log`, { chunk }).catch(() => ({ items: [] })),
    ]);
    const item = this.items.find((each) => each.chunk === chunk);
    const history = item?.history ?? [];
    return [
      h("h4", {}, t("job.log")),
      log.items.length ? logLines(log.items) : h("p", { class: "muted small" }, t("job.no_log")),
      ...(history.length ? [h("h4", {}, t("job.before")), h("ul", { class: "sentences" }, history.map((line) => h("li", {}, line)))] : []),
      receipt
        ? h("details", {}, h("summary", {}, t("job.receipt")), h("pre", { class: "receipt", dataset: { testid: "receipt" } }, JSON.stringify(receipt, null, 2)))
        : h("p", { class: "muted small" }, t("job.no_receipt")),
    ];
  }
}

const NUMBERS = new Set(["attempts", "took", "speed"]);
