/**
 * The numbers that people know frames by, and the frames 0 … n-1 that they stand for.
 *
 * As a rule people's numbers are `first + frame`. Where they have gaps, as seeds have, `rows` says where a row of
 * numbers begins: [[frame, its number], …], rising.
 */
export class Numbers {
  constructor(frames, first = 1, rows = []) {
    this.frames = frames;
    this.rows = rows.length ? rows : [[0, first]];
  }

  /** The number that people know a frame by. */
  of(frame) {
    const [begins, first] = this.rows[lastAtMost(this.rows, 0, frame)];
    return first + frame - begins;
  }

  /** The frame that people know by that number; null if there is none. */
  frame(number) {
    const row = lastAtMost(this.rows, 1, number);
    if (row < 0) return null;
    const [begins, first] = this.rows[row];
    const ends = row + 1 < this.rows.length ? this.rows[row + 1][0] : this.frames;
    const frame = begins + number - first;
    return frame < ends ? frame : null;
  }

  /** Half-open ranges of frames as people write them: `120-140,155`. */
  write(ranges) {
    return ranges.flatMap(([start, stop]) => this.#rowsWithin(start, stop)).map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(",");
  }

  /**
   * What people wrote as half-open ranges of frames: {ranges, wrong}. `wrong` is the first piece that is no range of
   * this job's numbers, else null.
   */
  read(text) {
    const ranges = [];
    for (const piece of text.split(/[,;，；\s]+/).filter(Boolean)) {
      const found = /^(\d+)(?:[-–](\d+))?$/.exec(piece);
      const start = found && this.frame(Number(found[1]));
      const last = found && (found[2] === undefined ? start : this.frame(Number(found[2])));
      if (start === null || last === null || last < start) return { ranges, wrong: piece };
      ranges.push([start, last + 1]);
    }
    return { ranges, wrong: null };
  }

  #rowsWithin(start, stop) {
    const edges = [start, ...this.rows.map(([frame]) => frame).filter((frame) => frame > start && frame < stop), stop];
    return edges.slice(1).map((end, n) => [this.of(edges[n]), this.of(end - 1)]);
  }
}

/** The place of the last row whose column `column` is at most `value`; -1 if none is. */
export function lastAtMost(rows, column, value) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][column] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
