/**
 * The frames that are selected, as sorted half-open ranges that do not touch: a selection of a hundred thousand frames
 * costs what one of two does.
 */
export class Selection {
  constructor(ranges = []) {
    this.ranges = ranges;
  }

  get count() {
    return this.ranges.reduce((sum, [start, stop]) => sum + stop - start, 0);
  }

  has(frame) {
    return this.ranges.some(([start, stop]) => start <= frame && frame < stop);
  }

  /** With the frames from one to another, whichever comes first, both included. */
  with(one, other) {
    let [start, stop] = [Math.min(one, other), Math.max(one, other) + 1];
    const apart = [];
    for (const range of this.ranges) {
      if (range[1] < start || range[0] > stop) apart.push(range);
      else [start, stop] = [Math.min(start, range[0]), Math.max(stop, range[1])];
    }
    return new Selection([...apart, [start, stop]].sort((a, b) => a[0] - b[0]));
  }

  /** Without one frame. */
  without(frame) {
    const ranges = this.ranges.flatMap(([start, stop]) =>
      frame < start || frame >= stop ? [[start, stop]] : [[start, frame], [frame + 1, stop]],
    );
    return new Selection(ranges.filter(([start, stop]) => start < stop));
  }

  /** With a frame if it was not selected, else without it. */
  toggled(frame) {
    return this.has(frame) ? this.without(frame) : this.with(frame, frame);
  }

  /** The chunks that hold selected frames, and all frames of those chunks: what a redo costs. */
  cost(model) {
    let chunks = 0;
    let frames = 0;
    let counted = -1;
    for (const [start, stop] of this.ranges) {
      const last = model.chunkOf(stop - 1);
      for (let chunk = Math.max(model.chunkOf(start), counted + 1); chunk <= last; chunk += 1) {
        const [begins, ends] = model.spanOf(chunk);
        chunks += 1;
        frames += ends - begins;
        counted = chunk;
      }
    }
    return { chunks, frames };
  }
}
