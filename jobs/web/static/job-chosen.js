/**
 * The bar of what is selected on the wall, and what doing it again would take: whole chunks, and whatever an ended job
 * never rendered.
 */
import { mayOrder, post } from "./api.js";
import { fail, toast } from "./toast.js";
import { h, icon, setText } from "./dom.js";
import { t } from "./i18n.js";
import { Selection } from "./wall-selection.js";

const ENDED = new Set(["done", "failed", "cancelled"]);
const LONG = 60;

export class Chosen {
  constructor(form, panel) {
    this.form = form;
    this.panel = panel;
    this.says = h("p", { class: "grow", role: "status", dataset: { testid: "chosen-says" } });
    this.why = h("p", { class: "muted small", id: "chosen-why" });
    this.redo = h("button", { class: "primary", dataset: { testid: "redo" }, "aria-describedby": "chosen-why" }, icon("redo"), t("wall.redo"));
    const clear = h("button", { type: "button", class: "plain", onclick: () => panel.wall.select(new Selection()) }, t("wall.clear"));
    form.append(this.says, this.why, mayOrder ? this.redo : "", clear);
    form.addEventListener("submit", (event) => this.#order(event));
    panel.wall.addEventListener("select", () => this.show());
  }

  /** Select these ranges of frames. */
  choose(ranges) {
    this.panel.wall.select(ranges.reduce((all, [start, stop]) => all.with(start, stop - 1), new Selection()));
  }

  stands(job) {
    const canRedo = ENDED.has(job.state);
    if (this.redo.disabled === canRedo) this.redo.disabled = !canRedo;
    setText(this.why, canRedo ? "" : t("wall.redo_later"));
    this.why.hidden = canRedo;
  }

  show() {
    const { selection } = this.panel.wall;
    const count = selection.count;
    this.form.hidden = !count;
    if (!count) return;
    const { chunks, frames } = selection.cost(this.panel.model);
    const written = this.panel.model.numbers.write(selection.ranges);
    const text = written.length > LONG ? `${written.slice(0, LONG)}…` : written;
    const parts = { frames: t("wall.frames", { n: count }), chunks: t("wall.chunks", { n: chunks }), all: t("wall.frames", { n: frames }) };
    setText(this.says, `${text} · ${t("wall.chosen", parts)}`);
  }

  async #order(event) {
    event.preventDefault();
    const { wall, model } = this.panel;
    const frames = model.numbers.write(wall.selection.ranges);
    this.redo.disabled = true;
    try {
      const job = await post(`${this.panel.page.path}/redo`, { frames });
      toast(t("wall.redoing", { frames: frames.length > LONG ? `${frames.slice(0, LONG)}…` : frames }));
      wall.select(new Selection());
      this.panel.page.tell(job);
      await this.panel.load();
    } catch (error) {
      fail(error);
      this.stands(this.panel.page.job);
    }
  }
}
