/**
 * Where cells lie: frames run from left to right and from top to bottom, all in device pixels.
 *
 * Small cells are squares without more; from `PICTURED` on they have the shape of the picture that they show.
 */

/** Widths of a cell in CSS pixels, by zoom level. */
export const SIZES = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 22, 30, 42, 64, 96, 144, 216];

/** The width in CSS pixels from which on cells show their picture. */
export const PICTURED = 64;

/** The size from which on cells grow to fill a row, and how far. */
const SHARED = 13;
const MOST_SHARED = 1.3;

/** Room for the numbers at the left, in CSS pixels. */
const GUTTER = 60;
const NARROW_GUTTER = 44;

/** The layout of so many frames at a zoom level. `aspect` is a picture's height by its width; `step` a handy number of
 * columns' divisor: as many frames as most chunks have, or 10. */
export function layout({ frames, level, width, dpr, aspect = 9 / 16, step = 10 }) {
  const size = SIZES[level];
  const least = Math.max(1, Math.round(size * dpr));
  const gutter = Math.round((width / dpr < 600 ? NARROW_GUTTER : GUTTER) * dpr);
  const columns = Math.min(frames, roundColumns(Math.max(1, Math.floor((width - gutter) / least)), step));
  // Larger cells share what is left at the right.
  const share = Math.floor((width - gutter) / columns);
  const cellWidth = size >= SHARED ? Math.max(1, Math.min(share, Math.round(least * MOST_SHARED))) : least;
  const cellHeight = size >= PICTURED ? Math.max(8, Math.round(cellWidth * aspect)) : cellWidth;
  const rows = Math.ceil(frames / columns);
  const gap = size >= 42 ? Math.round(2 * dpr) : size >= 4 ? Math.max(1, Math.round(dpr * 0.75)) : 0;
  return { frames, level, size, cellWidth, cellHeight, gutter, columns, rows, gap, height: rows * cellHeight };
}

/** The largest zoom level at which every frame is seen at once; the smallest level if there is none. */
export function fittingLevel(options, height) {
  for (let level = SIZES.length - 1; level > 0; level -= 1) {
    if (layout({ ...options, level }).height <= height) return level;
  }
  return 0;
}

/** The upper left corner of a frame's cell. */
export function placeOf(frame, { columns, cellWidth, cellHeight, gutter }) {
  return { x: gutter + (frame % columns) * cellWidth, y: Math.floor(frame / columns) * cellHeight };
}

/** The frame at a place; null beside and below the cells. With `nearest`, the frame that is nearest to it. */
export function frameAt(x, y, { frames, columns, cellWidth, cellHeight, gutter, rows }, nearest = false) {
  let column = Math.floor((x - gutter) / cellWidth);
  let row = Math.floor(y / cellHeight);
  if (nearest) {
    column = Math.max(0, Math.min(columns - 1, column));
    row = Math.max(0, Math.min(rows - 1, row));
    return Math.min(frames - 1, row * columns + column);
  }
  if (column < 0 || column >= columns || row < 0) return null;
  const frame = row * columns + column;
  return frame < frames ? frame : null;
}

/** Rows of round lengths are easier to read, where that wastes little. */
function roundColumns(most, step) {
  for (const unit of [step, 10, 5, 2]) {
    const columns = Math.floor(most / unit) * unit;
    if (columns > 0 && columns >= most * 0.9) return columns;
  }
  return most;
}
