/**
 * The frame wall: every frame of a job a cell, on a canvas behind a scroller.
 *
 * It is drawn when something has changed, and only the rows that have; nothing else of the page is touched by a scroll.
 * Tells its listeners: `open` (a frame is wanted), `select`, `hover`, `look` (other frames are in view), `zoom`.
 */
import { Selection } from "./wall-selection.js";
import { WallPainter } from "./wall-paint.js";
import { Scroll } from "./wall-scroll.js";
import { Thumbs } from "./wall-thumbs.js";
import { paletteOf } from "./wall-palette.js";
import { PICTURED, SIZES, fittingLevel, frameAt, layout, placeOf } from "./wall-layout.js";

const LOWEST = 96;
const SWEEP_MS = 1800;
const SWEEP_STEP_MS = 90;
const PICTURES_AFTER_MS = 70;

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Wall extends EventTarget {
  /** `root` holds the canvas, the scroller and its spacer; `thumbAddress(frame, width)` is where a small picture is. */
  constructor(root, { thumbAddress }) {
    super();
    this.root = root;
    this.scroller = root.querySelector(".wall-scroller");
    this.painter = new WallPainter(root.querySelector("canvas"));
    this.scroll = new Scroll(this.scroller, root.querySelector(".wall-spacer"), () => this.#looked());
    this.thumbs = new Thumbs(thumbAddress, (frame, picture) => this.#pictureArrived(frame, picture));
    this.model = null;
    this.selection = new Selection();
    this.shots = [];
    this.cursor = 0;
    this.hover = null;
    this.level = null;
    this.aspect = 9 / 16;
    this.dirty = [];
    this.paints = 0;
    new ResizeObserver(() => this.relayout()).observe(root);
    addEventListener("themechange", () => this.rethemed());
    this.scroller.addEventListener("focus", () => this.#touch(this.cursor));
    this.scroller.addEventListener("blur", () => this.#touch(this.cursor));
  }

  // What it shows

  /** Show a wall from its beginning. */
  show(model) {
    const isNew = this.model?.frames !== model.frames;
    this.model = model;
    if (isNew) this.thumbs.clear();
    this.relayout();
  }

  /** Chunks look different now. `repainted`: those of them whose pictures may be others. */
  chunksChanged(chunks, repainted = []) {
    for (const chunk of repainted) {
      const [start, stop] = this.model.spanOf(chunk);
      this.thumbs.forget(range(start, stop));
    }
    for (const chunk of chunks) this.#touchFrames(...this.model.spanOf(chunk));
    if (repainted.length) this.#wantPictures();
  }

  /** Shots begin at these frames: [{start, stop, …}]. */
  setShots(shots) {
    this.shots = shots;
    this.invalidate();
  }

  /** How tall a picture is by its width, where that is known. */
  setAspect(aspect) {
    if (Math.abs(aspect / this.aspect - 1) < 0.01) return;
    this.aspect = aspect;
    this.relayout();
  }

  rethemed() {
    this.palette = paletteOf(this.root);
    this.invalidate();
  }

  // Where it looks

  /** The frames in view, half-open. */
  get inView() {
    const [from, to] = this.#rowsInView();
    const { columns, frames } = this.layout;
    return [Math.min(frames, from * columns), Math.min(frames, to * columns)];
  }

  /** The zoom level that shows everything. */
  get fitting() {
    return fittingLevel(this.#options(), this.#tallest() * devicePixelRatio);
  }

  get zoomLevel() {
    return this.level ?? this.fitting;
  }

  /** Zoom to a level (null: to fit) and keep a frame where it is. */
  zoomTo(level, anchor = this.cursor) {
    if (!this.model) return;
    const before = placeOf(anchor, this.layout).y / devicePixelRatio - this.scroll.offset;
    const at = before > 0 && before < this.height ? before : this.height / 2;
    const next = level === null ? null : Math.max(this.#lowest(), Math.min(SIZES.length - 1, level));
    if (next === this.level) return;
    this.level = next;
    this.relayout();
    this.scroll.moveTo(placeOf(anchor, this.layout).y / devicePixelRatio - at);
    this.#tell("zoom");
  }

  /** Move the cursor to a frame, and it into view. */
  goTo(frame, { centred = false } = {}) {
    if (!this.model) return;
    const next = Math.max(0, Math.min(this.model.frames - 1, frame));
    this.#touch(this.cursor);
    this.cursor = next;
    this.#touch(next);
    const top = placeOf(next, this.layout).y / devicePixelRatio;
    const tall = this.layout.cellHeight / devicePixelRatio;
    const { offset } = this.scroll;
    if (centred) this.scroll.moveTo(top - (this.height - tall) / 2);
    else if (top < offset) this.scroll.moveTo(top);
    else if (top + tall > offset + this.height) this.scroll.moveTo(top + tall - this.height);
    this.#tell("cursor");
  }

  /** The frame at a place of the window; null if there is none. With `nearest`, the nearest one. */
  frameAt(clientX, clientY, nearest = false) {
    if (!this.model) return null;
    const box = this.scroller.getBoundingClientRect();
    const x = (clientX - box.left) * devicePixelRatio;
    const y = (clientY - box.top + this.scroll.offset) * devicePixelRatio;
    return frameAt(x, y, this.layout, nearest);
  }

  /** A frame's cell in the window. */
  boxOf(frame) {
    const box = this.scroller.getBoundingClientRect();
    const { x, y } = placeOf(frame, this.layout);
    const [width, height] = [this.layout.cellWidth / devicePixelRatio, this.layout.cellHeight / devicePixelRatio];
    return new DOMRect(box.left + x / devicePixelRatio, box.top + y / devicePixelRatio - this.scroll.offset, width, height);
  }

  // What is marked in it

  select(selection) {
    for (const [start, stop] of this.selection.ranges) this.#touchFrames(start, stop);
    this.selection = selection;
    for (const [start, stop] of selection.ranges) this.#touchFrames(start, stop);
    this.#tell("select");
  }

  setHover(frame) {
    if (frame === this.hover) return;
    this.#touch(this.hover);
    this.hover = frame;
    this.#touch(frame);
    this.#tell("hover");
  }

  open(frame) {
    this.dispatchEvent(new CustomEvent("open", { detail: frame }));
  }

  // Drawing

  /** Lay everything out anew. */
  relayout() {
    const width = this.scroller.clientWidth;
    if (!this.model || !width) return;
    this.palette ??= paletteOf(this.root);
    const options = this.#options();
    this.layout = layout({ ...options, level: this.zoomLevel });
    const tall = Math.ceil(this.layout.height / devicePixelRatio);
    this.height = Math.max(LOWEST, Math.min(this.#tallest(), tall));
    if (this.root.style.height !== `${this.height}px`) this.root.style.height = `${this.height}px`;
    const { canvas } = this.painter;
    const [w, h] = [Math.round(this.root.clientWidth * devicePixelRatio), Math.round(this.height * devicePixelRatio)];
    if (canvas.width !== w || canvas.height !== h) this.painter.resize(w, h);
    this.scroll.setHeight(tall);
    this.#tell("zoom");
  }

  /** Draw everything in view again. */
  invalidate() {
    this.dirty = [[0, Infinity]];
    this.#schedule();
  }

  #touch(frame) {
    if (frame !== null && this.model) this.#touchFrames(frame, frame + 1);
  }

  #touchFrames(start, stop) {
    if (!this.layout) return;
    const { columns } = this.layout;
    // An outline may reach into the rows beside its own.
    const [from, to] = [Math.floor(start / columns) - 1, Math.ceil(stop / columns) + 1];
    const [first, last] = this.#rowsInView();
    if (to <= first || from >= last) return;
    this.dirty.push([from, to]);
    this.#schedule();
  }

  #schedule() {
    this.due ??= requestAnimationFrame((now) => {
      this.due = undefined;
      this.#draw(now);
    });
  }

  #draw(now) {
    if (!this.model || !this.layout) return;
    const [first, last] = this.#rowsInView();
    const view = {
      ...this, // the painter reads; it changes nothing
      layout: this.layout,
      offset: Math.round(this.scroll.offset * devicePixelRatio),
      dpr: devicePixelRatio,
      phase: calm.matches ? null : (now % SWEEP_MS) / SWEEP_MS,
      isFocused: document.activeElement === this.scroller,
    };
    for (const [from, to] of merged(this.dirty)) {
      const [top, bottom] = [Math.max(first, from), to === Infinity ? last + 1 : Math.min(last, to)];
      if (top < bottom) this.painter.paint(view, top, bottom);
    }
    this.dirty = [];
    this.paints += 1;
    this.#sweep();
  }

  /** What runs is seen to run. */
  #sweep() {
    if (this.sweeping || calm.matches || !this.model.running.size || document.hidden) return;
    this.sweeping = setTimeout(() => {
      this.sweeping = undefined;
      for (const chunk of this.model.running.keys()) {
        const [start, stop] = this.model.spanOf(chunk);
        this.#touchFrames(start, stop);
      }
    }, SWEEP_STEP_MS);
  }

  #looked() {
    this.invalidate();
    this.#tell("look");
    this.#wantPictures();
  }

  #wantPictures() {
    clearTimeout(this.wanting);
    if (!this.layout || this.layout.size < PICTURED) return;
    this.wanting = setTimeout(() => {
      const painted = range(...this.inView).filter((frame) => this.model.isPainted(frame));
      this.thumbs.want(painted, this.layout.cellWidth > 160 ? 320 : 160);
    }, PICTURES_AFTER_MS);
  }

  #pictureArrived(frame, picture) {
    this.setAspect(picture.height / picture.width);
    this.#touch(frame);
  }

  #rowsInView() {
    const { cellHeight, rows } = this.layout;
    const top = this.scroll.offset * devicePixelRatio;
    return [Math.floor(top / cellHeight), Math.min(rows, Math.ceil((top + this.height * devicePixelRatio) / cellHeight))];
  }

  #options() {
    const step = this.model.chunks > 1 ? this.model.spanOf(0)[1] : 10;
    const { frames } = this.model;
    return { frames, width: this.scroller.clientWidth * devicePixelRatio, dpr: devicePixelRatio, aspect: this.aspect, step };
  }

  #tallest() {
    return Math.max(220, Math.min(640, Math.round(innerHeight * 0.56)));
  }

  /** Nobody needs to see less than everything. */
  #lowest() {
    return this.fitting;
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}

function range(start, stop) {
  return Array.from({ length: stop - start }, (_, n) => start + n);
}

/** Rows as intervals that do not touch. */
function merged(intervals) {
  const result = [];
  for (const [from, to] of intervals.sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
