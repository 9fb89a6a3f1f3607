/**
 * Draws rows of the wall.
 *
 * Cells are first set as single pixels of a small map, one a frame, which is then enlarged without smoothing; gaps,
 * edges of chunks and shots, marks and pictures are drawn over it. So the smallest cells, of which there are the most,
 * cost the least: a hundred thousand of them are one copy of pixels.
 */
import { KINDS } from "./wall-model.js";
import { PICTURED, placeOf } from "./wall-layout.js";

const MARKED = 13;
/** From this cell width on, in CSS pixels, cells bear marks besides colours. */
const NUMBERED = 30;
/** … and their numbers. */
const BORDERED = 6;
/** … and chunks have wider gaps between them. */

export class WallPainter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d", { alpha: false });
    this.map = document.createElement("canvas");
    this.mapContext = this.map.getContext("2d");
    this.pixels = new Uint32Array(0);
  }

  /** Give the canvas so many device pixels. Whatever was on it is gone. */
  resize(width, height) {
    this.canvas.width = width;
    this.canvas.height = height;
  }

  /** Draw rows [from, to) of what `view` (wall.js) describes, and nothing else. */
  paint(view, from, to) {
    const { context } = this;
    const { layout, offset, palette } = view;
    const top = from * layout.cellHeight - offset;
    const bottom = Math.min(this.canvas.height, to * layout.cellHeight - offset);
    context.save();
    context.beginPath();
    context.rect(0, top, this.canvas.width, bottom - top);
    context.clip();
    context.fillStyle = palette.ground;
    context.fillRect(0, top, this.canvas.width, bottom - top);
    const [first, last] = [from * layout.columns, Math.min(layout.frames, to * layout.columns)];
    if (first < last) {
      this.#cells(view, from, first, last);
      this.#gaps(view, from, to);
      this.#borders(view, first, last);
      if (layout.size >= PICTURED) this.#pictures(view, first, last);
      if (layout.size >= MARKED) this.#marks(view, first, last);
      this.#sweeps(view, first, last);
      this.#chosen(view, first, last);
      this.#shots(view, first, last);
      this.#outlines(view, first, last);
    }
    this.#labels(view, from, to);
    context.restore();
  }

  #cells(view, from, first, last) {
    const { layout, model, palette, offset } = view;
    const rows = Math.ceil((last - first) / layout.columns);
    const top = from * layout.cellHeight - offset;
    const count = layout.columns * rows;
    if (this.pixels.length < count) this.pixels = new Uint32Array(count);
    const { pixels } = this;
    for (let at = 0; at < last - first; at += 1) pixels[at] = palette.pixels[model.bytes[first + at]];
    pixels.fill(palette.blank, last - first, count);
    const image = new ImageData(new Uint8ClampedArray(pixels.buffer, 0, 4 * count), layout.columns, rows);
    if (layout.cellWidth === 1 && layout.cellHeight === 1) {
      this.context.putImageData(image, layout.gutter, top);
      return;
    }
    // A canvas that changes its size is made anew, which takes longer than everything else here.
    if (this.map.width < layout.columns) this.map.width = layout.columns;
    if (this.map.height < rows) this.map.height = rows;
    this.mapContext.putImageData(image, 0, 0);
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(
      this.map, 0, 0, layout.columns, rows,
      layout.gutter, top, layout.columns * layout.cellWidth, rows * layout.cellHeight,
    );
    this.context.imageSmoothingEnabled = true;
  }

  #gaps({ layout, offset, palette }, from, to) {
    if (!layout.gap) return;
    const { context } = this;
    const width = layout.columns * layout.cellWidth;
    const [top, bottom] = [from * layout.cellHeight - offset, to * layout.cellHeight - offset];
    context.fillStyle = palette.ground;
    for (let column = 1; column <= layout.columns; column += 1) {
      context.fillRect(layout.gutter + column * layout.cellWidth - layout.gap, top, layout.gap, bottom - top);
    }
    for (let row = from + 1; row <= to; row += 1) {
      context.fillRect(layout.gutter, row * layout.cellHeight - offset - layout.gap, width, layout.gap);
    }
  }

  #borders(view, first, last) {
    const { layout, model, offset, palette, dpr } = view;
    if (layout.size < BORDERED) return;
    const wide = Math.round((layout.size >= NUMBERED ? 3 : 1.5) * dpr);
    this.context.fillStyle = palette.ground;
    for (const chunk of chunksWithin(model, first, last)) {
      const { x, y } = placeOf(model.edges[chunk], layout);
      if (x > layout.gutter) this.context.fillRect(x - layout.gap, y - offset, wide + layout.gap, layout.cellHeight);
    }
  }

  #pictures(view, first, last) {
    const { context } = this;
    const { layout, model, offset, thumbs } = view;
    const [width, height] = [layout.cellWidth - layout.gap, layout.cellHeight - layout.gap];
    for (let frame = first; frame < last; frame += 1) {
      const picture = model.isPainted(frame) ? thumbs.get(frame) : null;
      if (!picture) continue;
      const { x, y } = placeOf(frame, layout);
      const scale = Math.max(width / picture.width, height / picture.height);
      const [w, h] = [width / scale, height / scale];
      context.drawImage(picture, (picture.width - w) / 2, (picture.height - h) / 2, w, h, x, y - offset, width, height);
    }
  }

  #marks(view, first, last) {
    const { layout, model, palette, dpr, thumbs, offset } = view;
    const { context } = this;
    const isNumbered = layout.size >= NUMBERED;
    const fontSize = Math.round((layout.size >= PICTURED ? 11 : 9) * dpr);
    context.font = `600 ${fontSize}px ${palette.font}`;
    context.textBaseline = "alphabetic";
    for (let frame = first; frame < last; frame += 1) {
      const kind = KINDS[model.bytes[frame] & 7];
      const { x, y } = placeOf(frame, layout);
      const cell = { x, y: y - offset, width: layout.cellWidth - layout.gap, height: layout.cellHeight - layout.gap };
      const isPictured = layout.size >= PICTURED && model.isPainted(frame) && thumbs.get(frame);
      if (MARKS[kind]) MARKS[kind](context, isPictured ? badge(context, cell, palette.kinds[kind], dpr) : cell, palette, dpr);
      if (!isNumbered) continue;
      const text = String(model.numbers.of(frame));
      if (isPictured) {
        context.fillStyle = "rgb(0 0 0 / 0.55)";
        const wide = context.measureText(text).width + 8 * dpr;
        context.fillRect(cell.x, cell.y + cell.height - fontSize - 5 * dpr, wide, fontSize + 5 * dpr);
      }
      context.fillStyle = isPictured ? "#ffffff" : palette.inks[kind];
      context.fillText(text, cell.x + 4 * dpr, cell.y + cell.height - 4 * dpr);
    }
  }

  #sweeps(view, first, last) {
    const { layout, model, offset, palette, phase, dpr } = view;
    const { context } = this;
    for (const [chunk, done] of model.running) {
      const [start, stop] = model.spanOf(chunk);
      const head = Math.min(stop - 1, start + done);
      if (stop <= first || start >= last) continue;
      const glow = phase === null ? head : head + Math.floor(phase * (stop - head));
      for (const [frame, alpha] of [[glow, 0.35], [head, 0.9]]) {
        if (frame < first || frame >= last) continue;
        const { x, y } = placeOf(frame, layout);
        context.globalAlpha = alpha;
        context.fillStyle = palette.kinds.painted;
        if (frame === head && layout.size >= BORDERED) {
          const bar = Math.max(1, Math.round(Math.min(3, layout.size / 8) * dpr));
          context.fillRect(x, y - offset, bar, layout.cellHeight - layout.gap);
        } else {
          context.fillRect(x, y - offset, layout.cellWidth - layout.gap, layout.cellHeight - layout.gap);
        }
      }
      context.globalAlpha = 1;
    }
  }

  #chosen(view, first, last) {
    const { layout, palette, selection, offset, dpr } = view;
    const { context } = this;
    const edge = Math.max(1, Math.round((layout.size >= 10 ? 2 : 1) * dpr));
    for (const [start, stop] of selection.ranges) {
      for (let frame = Math.max(start, first); frame < Math.min(stop, last); ) {
        const rowEnd = (Math.floor(frame / layout.columns) + 1) * layout.columns;
        const end = Math.min(stop, rowEnd, last);
        const { x, y } = placeOf(frame, layout);
        const width = (end - frame) * layout.cellWidth - layout.gap;
        const height = layout.cellHeight - layout.gap;
        context.fillStyle = palette.chosen;
        context.globalAlpha = layout.size >= PICTURED ? 0.28 : 0.38;
        context.fillRect(x, y - offset, width, height);
        context.globalAlpha = 1;
        if (layout.size >= 4) {
          context.strokeStyle = palette.chosen;
          context.lineWidth = edge;
          context.strokeRect(x + edge / 2, y - offset + edge / 2, width - edge, height - edge);
        }
        frame = end;
      }
    }
  }

  #shots(view, first, last) {
    const { layout, palette, offset, shots, dpr } = view;
    if (layout.size < 3 || shots.length < 2) return;
    const wide = Math.max(1, Math.round((layout.size >= 10 ? 2 : 1) * dpr));
    this.context.fillStyle = palette.shot;
    for (const { start } of shots) {
      if (start < first || start >= last || start === 0) continue;
      const { x, y } = placeOf(start, layout);
      this.context.fillRect(Math.max(layout.gutter, x) - layout.gap - wide / 2, y - offset, wide, layout.cellHeight);
    }
  }

  #outlines(view, first, last) {
    const { layout, palette, offset, hover, cursor, isFocused, dpr } = view;
    const { context } = this;
    const outline = (frame, colour, wide) => {
      if (frame === null || frame < first || frame >= last) return;
      const { x, y } = placeOf(frame, layout);
      const grown = layout.size < 6 ? Math.round(2 * dpr) : 0;
      context.strokeStyle = colour;
      context.lineWidth = wide;
      const [width, height] = [layout.cellWidth - layout.gap, layout.cellHeight - layout.gap];
      context.strokeRect(
        x - grown + wide / 2, y - offset - grown + wide / 2, width + 2 * grown - wide, height + 2 * grown - wide,
      );
    };
    outline(hover, palette.text, Math.round(dpr));
    if (isFocused) outline(cursor, palette.cursor, Math.max(2, Math.round(2 * dpr)));
  }

  #labels({ layout, model, offset, palette, dpr }, from, to) {
    const { context } = this;
    const every = Math.max(1, Math.ceil((20 * dpr) / layout.cellHeight));
    const size = Math.round(11 * dpr);
    context.font = `${size}px ${palette.font}`;
    context.textAlign = "right";
    context.textBaseline = "top";
    context.fillStyle = palette.label;
    const middle = layout.size >= 13 ? Math.min((layout.cellHeight - size) / 2, 8 * dpr) : 0;
    for (let row = Math.floor(from / every) * every; row < Math.min(to, layout.rows); row += every) {
      const number = model.numbers.of(row * layout.columns).toLocaleString("en").replaceAll(",", "\u2009");
      context.fillText(number, layout.gutter - 8 * dpr, row * layout.cellHeight - offset + middle);
    }
    context.textAlign = "left";
  }
}

/** The chunks that begin within frames [first, last). */
function* chunksWithin(model, first, last) {
  for (let chunk = model.chunkOf(first); chunk < model.chunks && model.edges[chunk] < last; chunk += 1) yield chunk;
}

/** A corner of a picture in a state's colour, for its mark. */
function badge(context, { x, y, width }, colour, dpr) {
  const side = Math.round(18 * dpr);
  context.fillStyle = colour;
  context.fillRect(x + width - side, y, side, side);
  return { x: x + width - side, y, width: side, height: side };
}

/** What cells bear besides a colour, so that nobody needs to tell red from green. */
const MARKS = {
  failed(context, { x, y, width, height }, palette, dpr) {
    const [across, middleX, middleY] = [Math.min(width, height) * 0.22, x + width / 2, y + height / 2];
    context.strokeStyle = palette.inks.failed;
    context.lineWidth = Math.max(1.5, dpr * 1.5);
    context.beginPath();
    context.moveTo(middleX - across, middleY - across);
    context.lineTo(middleX + across, middleY + across);
    context.moveTo(middleX + across, middleY - across);
    context.lineTo(middleX - across, middleY + across);
    context.stroke();
  },
  bad(context, { x, y, width, height }, palette) {
    const radius = Math.min(width, height) * 0.16;
    context.fillStyle = palette.inks.bad;
    context.beginPath();
    context.arc(x + width / 2, y + height / 2, radius, 0, 2 * Math.PI);
    context.fill();
  },
  redone(context, { x, y, width, height }, palette) {
    const side = Math.max(4, Math.min(width, height) * 0.4);
    context.fillStyle = palette.inks.redone;
    context.beginPath();
    context.moveTo(x + width, y);
    context.lineTo(x + width, y + side);
    context.lineTo(x + width - side, y);
    context.fill();
  },
};
