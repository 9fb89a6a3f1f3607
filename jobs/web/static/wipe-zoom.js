/**
 * Zoom and pan of compared pictures: to fit, or so many screen pixels a picture's pixel.
 */
const LARGEST = 16;
const STEPS = [0.125, 0.25, 0.5, 1, 2, 4, 8, LARGEST];
const PIXELS_FROM = 2;

export class Zoom {
  constructor(wipe) {
    this.wipe = wipe;
    this.scale = null;
    this.middle = { x: 0.5, y: 0.5 };
    this.size = { width: 16, height: 9 };
    this.full = null;
    this.fingers = new Map();
    const { root } = wipe;
    root.addEventListener("wheel", (event) => this.#wheeled(event), { passive: false });
    root.addEventListener("dblclick", (event) => this.zoomTo(this.isZoomed ? null : 1, this.#placeOf(event)));
    root.addEventListener("pointerdown", (event) => this.#press(event));
    root.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, (event) => this.fingers.delete(event.pointerId));
    /** Called with how many screen pixels a pixel takes, after it changed. */
    this.changed = () => {};
  }

  get isZoomed() {
    return this.scale !== null;
  }

  /** How large the loaded picture is. Where it stands in for a larger one, `full` is that one's width. */
  pictureIs(width, height) {
    this.size = { width, height };
    this.#tell();
  }

  /** The whole picture is so wide; what is seen of it stays as large as it is. */
  isWhole(width) {
    if (this.scale !== null) this.scale *= (this.full ?? this.size.width) / width;
    this.full = width;
    this.#tell();
  }

  /** Screen pixels a pixel of the whole picture: the one that is set, or that which fits. */
  get factor() {
    return (this.scale ?? this.#fit()) * devicePixelRatio;
  }

  /** Where the picture lies within the root, in CSS pixels. */
  box() {
    const { clientWidth, clientHeight } = this.wipe.root;
    const scale = this.scale ?? this.#fit();
    const { width: wide, height: tall } = this.#whole();
    const [width, height] = [wide * scale, tall * scale];
    const place = (room, size, middle) => (size <= room ? (room - size) / 2 : Math.max(room - size, Math.min(0, room / 2 - middle * size)));
    return { x: place(clientWidth, width, this.middle.x), y: place(clientHeight, height, this.middle.y), width, height };
  }

  /** So many screen pixels a pixel (null: to fit), with that place of the picture kept where it is. */
  zoomTo(factor, at = null) {
    const before = this.box();
    const scale = factor === null ? null : Math.min(LARGEST, factor) / devicePixelRatio;
    if (scale !== null && at) {
      const share = { x: (at.x - before.x) / before.width, y: (at.y - before.y) / before.height };
      const { clientWidth, clientHeight } = this.wipe.root;
      const { width, height } = this.#whole();
      this.middle = { x: share.x - (at.x - clientWidth / 2) / (width * scale), y: share.y - (at.y - clientHeight / 2) / (height * scale) };
    } else if (scale === null) {
      this.middle = { x: 0.5, y: 0.5 };
    }
    this.scale = scale;
    this.#tell();
  }

  /** The next step up or down; below what fits, to fit. */
  step(by, at = null) {
    const now = this.factor;
    const next = by > 0 ? STEPS.find((step) => step > now * 1.01) : STEPS.findLast((step) => step < now * 0.99);
    if (next === undefined) return;
    this.zoomTo(next <= this.#fit() * devicePixelRatio ? null : next, at ?? this.#centre());
  }

  /** Move what is seen by so many CSS pixels. */
  pan(x, y) {
    const { width, height } = this.box();
    const { clientWidth, clientHeight } = this.wipe.root;
    const within = (value, room, size) => (size <= room ? 0.5 : Math.max(room / 2 / size, Math.min(1 - room / 2 / size, value)));
    this.middle = { x: within(this.middle.x - x / width, clientWidth, width), y: within(this.middle.y - y / height, clientHeight, height) };
    this.wipe.place();
  }

  #whole() {
    if (!this.full) return this.size;
    return { width: this.full, height: (this.full * this.size.height) / this.size.width };
  }

  #fit() {
    const { clientWidth, clientHeight } = this.wipe.root;
    const { width, height } = this.#whole();
    return Math.min(clientWidth / width, clientHeight / height, 4) || 1;
  }

  #centre() {
    return { x: this.wipe.root.clientWidth / 2, y: this.wipe.root.clientHeight / 2 };
  }

  #placeOf(event) {
    const box = this.wipe.root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #wheeled(event) {
    event.preventDefault();
    if (Math.abs(event.deltaY) < 1) return;
    const next = Math.min(LARGEST, this.factor * 2 ** (-event.deltaY / 240));
    this.zoomTo(next <= this.#fit() * devicePixelRatio ? null : next, this.#placeOf(event));
  }

  #press(event) {
    if (event.button !== 0) return;
    this.fingers.set(event.pointerId, this.#placeOf(event));
    if (this.isZoomed || this.fingers.size > 1) this.wipe.root.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const last = this.fingers.get(event.pointerId);
    if (!last) return;
    const now = this.#placeOf(event);
    if (this.fingers.size === 2) {
      const other = [...this.fingers].find(([id]) => id !== event.pointerId)[1];
      const grown = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(last.x - other.x, last.y - other.y));
      const next = this.factor * grown;
      this.zoomTo(next <= this.#fit() * devicePixelRatio ? null : next, now);
    } else if (this.isZoomed) {
      this.pan(now.x - last.x, now.y - last.y);
    }
    this.fingers.set(event.pointerId, now);
  }

  #tell() {
    this.wipe.root.dataset.zoomed = String(this.isZoomed);
    this.wipe.root.dataset.pixels = String(this.factor >= PIXELS_FROM);
    this.wipe.place();
    this.changed(this.factor);
  }
}
