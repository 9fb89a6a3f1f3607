/**
 * The whole job as one strip, from its first frame to its last: how much of each part is done, what runs, what failed,
 * where shots begin, and which part the wall shows. Pressing it goes there.
 */
import { KINDS } from "./wall-model.js";
import { paletteOf } from "./wall-palette.js";

const AGAIN_MS = 300;
const [, , RENDERING, PAINTED, DONE, FAILED, REDONE, BAD] = KINDS.keys();

export class Strip {
  constructor(canvas, wall) {
    this.canvas = canvas;
    this.wall = wall;
    this.context = canvas.getContext("2d", { alpha: false });
    this.drawn = document.createElement("canvas");
    new ResizeObserver(() => this.redraw()).observe(canvas);
    addEventListener("themechange", () => this.redraw());
    wall.addEventListener("look", () => this.#showWindow());
    wall.addEventListener("zoom", () => this.#showWindow());
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#go(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && this.#go(event));
  }

  /** Frames are doing something else now. Drawn a few times a second at most. */
  changed() {
    this.due ??= setTimeout(() => {
      this.due = undefined;
      this.redraw();
    }, AGAIN_MS);
  }

  redraw() {
    const { model } = this.wall;
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((size) => Math.round(size * devicePixelRatio));
    if (!model || !width) return;
    this.canvas.width = this.drawn.width = width;
    this.canvas.height = this.drawn.height = height;
    this.palette = paletteOf(this.canvas);
    this.#drawColumns(this.drawn.getContext("2d"), width, height);
    this.#showWindow();
  }

  #drawColumns(context, width, height) {
    const { model, shots } = this.wall;
    const { kinds, ground, shot } = this.palette;
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    const columns = Math.min(width, model.frames);
    for (let column = 0; column < columns; column += 1) {
      const from = Math.floor((column * model.frames) / columns);
      const to = Math.max(from + 1, Math.floor(((column + 1) * model.frames) / columns));
      const counts = new Array(KINDS.length).fill(0);
      for (let frame = from; frame < to; frame += 1) counts[model.bytes[frame] & 7] += 1;
      const x = Math.floor((column * width) / columns);
      const wide = Math.ceil(((column + 1) * width) / columns) - x;
      let y = height;
      for (const kind of [DONE, REDONE, PAINTED, RENDERING]) {
        const tall = Math.round((counts[kind] / (to - from)) * height);
        context.fillStyle = kinds[KINDS[kind]];
        context.fillRect(x, y - tall, wide, tall);
        y -= tall;
      }
      context.fillStyle = kinds.waiting;
      context.fillRect(x, 0, wide, y);
      if (counts[FAILED] || counts[BAD]) {
        context.fillStyle = counts[FAILED] ? kinds.failed : kinds.bad;
        context.fillRect(x, 0, Math.max(wide, Math.round(2 * devicePixelRatio)), height);
      }
    }
    context.fillStyle = shot;
    if (shots.length > 1 && shots.length < width / 6) {
      for (const { start } of shots.slice(1)) {
        const x = Math.round((start * width) / model.frames);
        context.fillRect(x, 0, Math.max(1, Math.round(devicePixelRatio)), Math.round(height * 0.3));
      }
    }
  }

  #showWindow() {
    const { context, canvas, wall } = this;
    if (!wall.model || !wall.layout || !this.palette) return;
    context.drawImage(this.drawn, 0, 0);
    const [first, last] = wall.inView;
    if (last - first >= wall.model.frames) return;
    const edge = Math.round(2 * devicePixelRatio);
    const x = (first / wall.model.frames) * canvas.width;
    const wide = Math.max(4 * devicePixelRatio, ((last - first) / wall.model.frames) * canvas.width);
    context.strokeStyle = this.palette.cursor;
    context.lineWidth = edge;
    context.strokeRect(Math.min(x, canvas.width - wide) + edge / 2, edge / 2, wide - edge, canvas.height - edge);
  }

  #go(event) {
    const { model } = this.wall;
    if (!model) return;
    const box = this.canvas.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    this.wall.goTo(Math.floor(share * (model.frames - 1)), { centred: true });
  }
}
