/**
 * The wall with what surrounds it: legend, zoom, strip, the bar of what is selected, the card of what is pointed at, and
 * its words for those who listen.
 */
import { get } from "./api.js";
import { quietly } from "./job-quiet.js";
import { h, setText } from "./dom.js";
import { t } from "./i18n.js";
import { Wall } from "./wall.js";
import { KINDS, WallModel } from "./wall-model.js";
import { SIZES } from "./wall-layout.js";
import { Strip } from "./wall-strip.js";
import { followPointer } from "./wall-pointer.js";
import { followKeys } from "./wall-keys.js";
import { HoverCard } from "./wall-card.js";
import { Chosen } from "./job-chosen.js";

const byId = (id) => document.getElementById(id);
const CENSUS_MS = 400;

export class WallPanel {
  /** `open(frame)` shows a frame by itself. */
  constructor(page, { open }) {
    this.page = page;
    this.wall = new Wall(byId("wall"), { thumbAddress: (frame, width) => this.picture(frame, width) });
    this.strip = new Strip(byId("wall-strip"), this.wall);
    this.card = new HoverCard(byId("wall-card"), this);
    this.chosen = new Chosen(byId("wall-chosen"), this);
    followPointer(this.wall);
    followKeys(this.wall, (typed) => this.#typing(typed));
    this.wall.addEventListener("open", (event) => open(event.detail));
    for (const event of ["cursor", "select", "zoom"]) this.wall.addEventListener(event, () => this.#describe());
    this.wall.addEventListener("zoom", () => this.#zoomed());
    byId("wall-minus").addEventListener("click", () => this.wall.zoomTo(this.wall.zoomLevel - 1));
    byId("wall-plus").addEventListener("click", () => this.wall.zoomTo(this.wall.zoomLevel + 1));
    byId("wall-fit").addEventListener("click", () => this.wall.zoomTo(null));
    byId("wall-jump").addEventListener("submit", (event) => this.#jump(event));
    this.legend = KINDS.map((kind) => this.#legendRow(kind));
    byId("wall-legend").append(...this.legend.map(({ row }) => row));
  }

  get model() {
    return this.wall.model;
  }

  /** Where a frame's small picture is. */
  picture(frame, width) {
    return `${this.page.root}/frames/${this.model.numbers.of(frame)}/picture?width=${width}&of=${this.page.job.generation}`;
  }

  /** Ask for the whole wall. Also when so much was missed that changes do not tell. */
  async load() {
    const wall = await get(`${this.page.path}/wall`);
    this.wall.show(new WallModel(wall));
    this.strip.redraw();
    this.#count();
    this.#describe();
  }

  /** Take what the events tell. Gives the chunks that changed. */
  news(news) {
    const { model } = this;
    if (!model || news.since > model.version) {
      this.load().catch(quietly);
      return null;
    }
    const repainted = Object.entries(news.changed).filter(([chunk, letter]) => model.letters[chunk] !== letter && "dRb".includes(letter));
    const touched = model.apply(news);
    if (!touched.size) return touched;
    this.wall.chunksChanged(touched, repainted.map(([chunk]) => Number(chunk)));
    this.strip.changed();
    this.counting ??= setTimeout(() => this.#count(), CENSUS_MS);
    this.#describe();
    return touched;
  }

  setShots(shots) {
    this.wall.setShots(shots);
    this.strip.redraw();
  }

  /** Show a range of frames: the wall goes there. */
  lookAt(frame) {
    this.wall.goTo(frame, { centred: true });
    this.focus();
  }

  /** Let the keyboard be the wall's. */
  focus() {
    byId("wall").scrollIntoView({ block: "nearest" });
    this.wall.scroller.focus({ preventScroll: true });
  }

  stands(job) {
    this.chosen.stands(job);
  }

  /** What is to be said of a frame: "Frame 120, done, chunk 5". */
  wordsFor(frame) {
    const { model } = this;
    const kind = model.kindOf(frame);
    return t("wall.cell", {
      what: t(`wall.noun.${this.page.job.numbered}`),
      number: String(model.numbers.of(frame)),
      state: t(`wall.kind.${kind}`),
      chunk: String(model.chunkOf(frame)),
    });
  }

  #describe() {
    const { wall, model } = this;
    if (!model || !wall.layout) return;
    const { columns, rows } = wall.layout;
    const { scroller, cursor } = wall;
    scroller.setAttribute("aria-rowcount", rows);
    scroller.setAttribute("aria-colcount", columns);
    byId("wall-row").setAttribute("aria-rowindex", Math.floor(cursor / columns) + 1);
    const cell = byId("wall-cell");
    cell.setAttribute("aria-colindex", (cursor % columns) + 1);
    cell.setAttribute("aria-selected", wall.selection.has(cursor));
    setText(cell, this.wordsFor(cursor));
  }

  #count() {
    this.counting = undefined;
    const census = this.model.census();
    for (const { row, kind, count } of this.legend) {
      row.hidden = !census[kind];
      setText(count, census[kind].toLocaleString(document.documentElement.lang));
    }
  }

  #legendRow(kind) {
    const count = h("span", { class: "wall-count" });
    const seek = () => {
      const found = this.model?.next(kind, this.wall.cursor);
      if (found !== null && found !== undefined) this.wall.goTo(found, { centred: true });
    };
    const swatch = h("span", { class: "wall-swatch", dataset: { kind } });
    const button = h(
      "button",
      { type: "button", class: "plain", title: t("wall.next_of", { state: t(`wall.kind.${kind}`) }), onclick: seek },
      swatch, t(`wall.kind.${kind}`), count,
    );
    return { kind, count, row: h("li", { dataset: { testid: `wall-legend-${kind}` }, hidden: true }, button) };
  }

  #zoomed() {
    const { wall } = this;
    byId("wall-minus").disabled = wall.zoomLevel <= wall.fitting;
    byId("wall-plus").disabled = wall.zoomLevel >= SIZES.length - 1;
    byId("wall-fit").disabled = wall.level === null || wall.zoomLevel === wall.fitting;
    wall.scroller.dataset.cell = String(SIZES[wall.zoomLevel]);
  }

  #typing(text) {
    const box = byId("wall-typed");
    box.hidden = text === null;
    if (text !== null) setText(box, t("wall.typing", { number: text }));
  }

  #jump(event) {
    event.preventDefault();
    if (!this.model) return;
    const input = byId("wall-number");
    const { ranges, wrong } = this.model.numbers.read(input.value);
    input.setCustomValidity(wrong === null && ranges.length ? "" : t("wall.no_such", { text: input.value, extent: this.page.job.extent }));
    if (!input.reportValidity()) {
      input.addEventListener("input", () => input.setCustomValidity(""), { once: true });
      return;
    }
    this.wall.anchor = ranges[0][0];
    this.lookAt(ranges[0][0]);
    if (ranges.length > 1 || ranges[0][1] > ranges[0][0] + 1) this.chosen.choose(ranges);
    input.value = "";
  }
}
