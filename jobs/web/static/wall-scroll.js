/**
 * Scrolling over more than a browser lets an element be tall: the browser scrolls a spacer, and what is beyond its
 * greatest height is scaled. Offsets are CSS pixels of what is shown.
 */
const TALLEST = 8_000_000;

export class Scroll {
  /** `changed` is called after every move, whoever made it. */
  constructor(element, spacer, changed) {
    this.element = element;
    this.spacer = spacer;
    this.changed = changed;
    this.height = 0;
    this.offset = 0;
    this.own = null;
    element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    element.addEventListener("wheel", (event) => this.#wheeled(event), { passive: false });
  }

  /** How tall that is over which is scrolled. */
  setHeight(height) {
    this.height = height;
    this.spacer.style.height = `${Math.min(height, TALLEST)}px`;
    this.moveTo(this.offset);
  }

  /** Show what begins at `offset`. */
  moveTo(offset) {
    this.offset = Math.max(0, Math.min(this.#furthest(), offset));
    const target = this.offset / this.#scale();
    this.own = target;
    if (Math.abs(this.element.scrollTop - target) >= 0.5) this.element.scrollTop = target;
    this.changed();
  }

  #scrolled() {
    // A browser rounds what it is told; our own moves are known better.
    if (this.own !== null && Math.abs(this.element.scrollTop - this.own) < 1.5) return;
    this.own = null;
    this.offset = Math.min(this.#furthest(), this.element.scrollTop * this.#scale());
    this.changed();
  }

  #wheeled(event) {
    if (this.#scale() === 1 || event.ctrlKey || !event.deltaY) return;
    event.preventDefault();
    this.moveTo(this.offset + event.deltaY * [1, 20, this.element.clientHeight][event.deltaMode]);
  }

  #furthest() {
    return Math.max(0, this.height - this.element.clientHeight);
  }

  #scale() {
    if (this.height <= TALLEST) return 1;
    return this.#furthest() / (TALLEST - this.element.clientHeight);
  }
}
