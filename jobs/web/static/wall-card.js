/**
 * The card beside the cell that is pointed at: what it is at once, its picture and timings a moment later. What was
 * asked is remembered; what nobody looks at any more is not waited for.
 */
import { get } from "./api.js";
import { h, setText } from "./dom.js";
import { duration } from "./format.js";
import { t } from "./i18n.js";

const PATIENCE_MS = 110;
const REMEMBERED = 300;
const OFF_PX = 14;

export class HoverCard {
  constructor(box, panel) {
    this.box = box;
    this.panel = panel;
    this.known = new Map();
    this.picture = h("img", { alt: "", class: "wall-card-picture" });
    this.title = h("p", { class: "wall-card-title" });
    this.about = h("p", { class: "muted small" });
    this.times = h("p", { class: "small" });
    box.append(this.picture, this.title, this.about, this.times);
    panel.wall.addEventListener("hover", () => this.#point());
    panel.wall.addEventListener("look", () => this.#point());
    this.picture.addEventListener("load", () => this.#place());
    this.picture.addEventListener("error", () => (this.picture.hidden = true));
  }

  #point() {
    const { wall } = this.panel;
    const frame = wall.hover;
    clearTimeout(this.timer);
    this.control?.abort();
    if (frame === null || !wall.model) {
      this.box.hidden = true;
      return;
    }
    this.#describe(frame);
    this.box.hidden = false;
    this.#place();
    if (wall.model.isPainted(frame)) this.timer = setTimeout(() => this.#fill(frame), PATIENCE_MS);
  }

  #describe(frame) {
    const { wall, page } = this.panel;
    const { model } = wall;
    const chunk = model.chunkOf(frame);
    setText(this.title, this.panel.wordsFor(frame));
    this.picture.hidden = true;
    setText(this.times, "");
    const running = model.running.get(chunk);
    const worker = page.job.running?.find((item) => item.chunk === chunk)?.worker;
    const [start, stop] = model.spanOf(chunk);
    const failures = model.failures.get(chunk);
    const lines = [
      model.numbers.write([[start, stop]]),
      running !== undefined && t("wall.painted_of", { n: running, of: stop - start }),
      worker,
      failures && t("wall.failed_times", { n: failures }),
      model.bad.get(frame),
    ];
    setText(this.about, lines.filter(Boolean).join(" · "));
  }

  async #fill(frame) {
    const { wall } = this.panel;
    const address = this.panel.picture(frame, 320);
    if (this.picture.getAttribute("src") !== address) this.picture.src = address;
    this.picture.hidden = !this.picture.complete || !this.picture.naturalWidth;
    if (this.picture.hidden) this.picture.addEventListener("load", () => (this.picture.hidden = wall.hover !== frame), { once: true });
    try {
      const facts = await this.#ask(frame);
      if (wall.hover !== frame) return;
      const told = [
        facts.seconds && t("wall.seconds_each", { time: duration(facts.seconds) }),
        facts.worker,
        facts.device,
      ];
      setText(this.times, told.filter(Boolean).join(" · "));
      this.#place();
    } catch {
      // A card without timings is a card all the same.
    }
  }

  async #ask(frame) {
    const number = this.panel.model.numbers.of(frame);
    const key = `${number} ${this.panel.model.letters[this.panel.model.chunkOf(frame)]} ${this.panel.page.job.generation}`;
    if (this.known.has(key)) return this.known.get(key);
    this.control = new AbortController();
    const facts = await get(`${this.panel.page.path}/frames/${number}`, {}, this.control.signal);
    this.known.set(key, facts);
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value);
    return facts;
  }

  #place() {
    if (this.box.hidden) return;
    const cell = this.panel.wall.boxOf(this.panel.wall.hover);
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const right = cell.right + OFF_PX;
    const left = right + width > innerWidth - 8 ? cell.left - OFF_PX - width : right;
    const below = cell.bottom + OFF_PX;
    const top = below + height > innerHeight - 8 ? cell.top - OFF_PX - height : below;
    this.box.style.transform = `translate(${Math.round(Math.max(8, left))}px, ${Math.round(Math.max(8, top))}px)`;
  }
}
