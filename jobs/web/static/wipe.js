/**
 * Two pictures, one over the other: a line that is dragged or moved by keys parts them, upright or level; or one is
 * shown for the other, or how far they differ.
 *
 * What it can do is in `MODES`; zooming is wipe-zoom.js' matter.
 */
import { h, setText } from "./dom.js";
import { t } from "./i18n.js";
import { Zoom } from "./wipe-zoom.js";

export const MODES = ["wipe", "level", "toggle", "difference"];

const STEP = 2;
const LEAP = 10;

export class Wipe {
  constructor() {
    this.below = h("img", { class: "wipe-picture", alt: "", draggable: "false" });
    this.above = h("img", { class: "wipe-picture wipe-above", alt: "", draggable: "false" });
    this.stage = h("div", { class: "wipe-stage" }, this.below, this.above);
    this.handle = h("div", {
      class: "wipe-handle", role: "slider", tabindex: "0", "aria-label": t("job.wipe"),
      "aria-valuemin": "0", "aria-valuemax": "100", dataset: { testid: "wipe-handle" },
    }, h("span", { class: "wipe-grip", "aria-hidden": "true" }));
    this.names = [h("span", { class: "wipe-name wipe-name-source" }), h("span", { class: "wipe-name wipe-name-picture" })];
    this.message = h("p", { class: "wipe-message muted", hidden: true });
    this.root = h("div", { class: "wipe", dataset: { testid: "wipe" } }, this.stage, this.handle, ...this.names, this.message);
    this.zoom = new Zoom(this);
    this.at = 50;
    this.mode = "wipe";
    this.isFlipped = false;
    /** Called when there turns out to be nothing to compare with. */
    this.alone = () => {};
    this.handle.addEventListener("keydown", (event) => this.#key(event));
    this.handle.addEventListener("pointerdown", (event) => this.#grab(event));
    this.root.addEventListener("pointerdown", (event) => {
      if (!this.zoom.isZoomed && this.hasPair && event.target !== this.handle) this.#grab(event);
    });
    for (const image of [this.below, this.above]) image.addEventListener("load", () => this.#loaded(image));
    this.above.addEventListener("error", () => this.#failed());
    this.below.addEventListener("error", () => this.#isAlone());
    new ResizeObserver(() => this.place()).observe(this.root);
  }

  /** Show a picture, and what it was made of (null: there is nothing). */
  show({ picture, source, alt, names }) {
    this.hasPair = Boolean(source && picture);
    this.message.hidden = true;
    this.below.hidden = !source;
    this.above.hidden = !picture;
    if (source) swap(this.below, source);
    if (picture) swap(this.above, picture);
    this.above.alt = alt;
    this.names.forEach((box, n) => setText(box, names[n]));
    this.root.dataset.pair = String(this.hasPair);
    this.setMode(this.mode);
  }

  say(sentence) {
    this.above.hidden = true;
    setText(this.message, sentence);
    this.message.hidden = false;
  }

  setMode(mode) {
    this.mode = mode;
    this.root.dataset.mode = this.hasPair ? mode : "single";
    this.handle.setAttribute("aria-orientation", mode === "level" ? "vertical" : "horizontal");
    this.handle.hidden = !this.hasPair || !(mode === "wipe" || mode === "level");
    this.flip(false);
    this.moveTo(this.at);
  }

  /** Show the source instead of the picture, where one is shown for the other. */
  flip(isFlipped = !this.isFlipped) {
    this.isFlipped = isFlipped;
    this.root.dataset.flipped = String(isFlipped);
  }

  /** Move the line to so many percent of the picture. */
  moveTo(percent) {
    this.at = Math.max(0, Math.min(100, percent));
    const shown = Math.round(this.at);
    this.handle.setAttribute("aria-valuenow", shown);
    this.handle.setAttribute("aria-valuetext", t("job.wipe_at", { percent: shown }));
    this.place();
  }

  /** Put pictures and line where zoom and line say. */
  place() {
    const { x, y, width, height } = this.zoom.box();
    Object.assign(this.stage.style, { width: `${width}px`, height: `${height}px`, transform: `translate(${x}px, ${y}px)` });
    const isLevel = this.mode === "level";
    const isParted = this.hasPair && (this.mode === "wipe" || isLevel);
    this.above.style.clipPath = isParted ? (isLevel ? `inset(${this.at}% 0 0 0)` : `inset(0 0 0 ${this.at}%)`) : "";
    const along = isLevel ? y + (height * this.at) / 100 : x + (width * this.at) / 100;
    const room = isLevel ? this.root.clientHeight : this.root.clientWidth;
    const line = Math.max(0, Math.min(room, along));
    this.handle.style.transform = isLevel ? `translateY(${line}px)` : `translateX(${line}px)`;
  }

  #grab(event) {
    if (event.button !== 0 || !this.hasPair || !(this.mode === "wipe" || this.mode === "level")) return;
    event.preventDefault();
    event.stopPropagation();
    this.handle.focus({ preventScroll: true });
    this.root.setPointerCapture(event.pointerId);
    const follow = (moved) => {
      const box = this.root.getBoundingClientRect();
      const shown = this.zoom.box();
      const share = this.mode === "level" ? (moved.clientY - box.top - shown.y) / shown.height : (moved.clientX - box.left - shown.x) / shown.width;
      this.moveTo(share * 100);
    };
    const release = () => this.root.removeEventListener("pointermove", follow);
    follow(event);
    this.root.addEventListener("pointermove", follow);
    this.root.addEventListener("pointerup", release, { once: true });
    this.root.addEventListener("pointercancel", release, { once: true });
  }

  #key(event) {
    const step = event.shiftKey ? LEAP : STEP;
    const to = {
      ArrowLeft: this.at - step, ArrowRight: this.at + step, ArrowUp: this.at - step, ArrowDown: this.at + step,
      PageUp: this.at - LEAP, PageDown: this.at + LEAP, Home: 0, End: 100,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.moveTo(to);
  }

  #loaded(image) {
    image.hidden = false;
    if (image === this.above || this.above.hidden) this.zoom.pictureIs(image.naturalWidth, image.naturalHeight);
    this.place();
  }

  /** There is nothing to compare it with after all. */
  #isAlone() {
    this.below.hidden = true;
    this.hasPair = false;
    this.root.dataset.pair = "false";
    this.setMode(this.mode);
    this.alone();
  }

  #failed() {
    if (this.above.getAttribute("src")) this.say(t("job.no_picture"));
  }
}

/** Leave the old picture until the new one is there: no flash between two frames. */
function swap(image, address) {
  if (image.getAttribute("src") !== address) image.src = address;
}
