/**
 * What every frame of a job is doing: a byte a frame, kept from a letter a chunk.
 *
 * Frames are numbered 0 … n-1 here; wall-numbers.js knows what people call them.
 */
import { Numbers } from "./wall-numbers.js";

/** What a frame may be doing. The order is that of palettes and legends. */
export const KINDS = ["waiting", "published", "rendering", "painted", "done", "failed", "redone", "bad"];

const [WAITING, PUBLISHED, RENDERING, PAINTED, DONE, FAILED, REDONE, BAD] = KINDS.keys();
const LETTERS = { w: WAITING, p: PUBLISHED, r: RENDERING, d: DONE, f: FAILED, R: REDONE, b: DONE };

/** Set in a frame's byte if its chunk is an odd one, so that neighbours can be told apart however small they are. */
export const ODD = 8;

export class WallModel {
  /** From the wall as the API gives it. */
  constructor(wall) {
    this.frames = wall.frames;
    this.numbers = new Numbers(wall.frames, wall.first, wall.numbers ?? []);
    this.edges = edgesOf(wall);
    this.bytes = new Uint8Array(wall.frames);
    this.letters = Array.from(wall.states);
    this.running = new Map();
    this.bad = new Map();
    this.failures = new Map(Object.entries(wall.failures ?? {}).map(([chunk, count]) => [Number(chunk), count]));
    this.version = wall.version;
    this.#learnBad(wall.bad ?? {});
    for (const [chunk, frames] of Object.entries(wall.running ?? {})) this.running.set(Number(chunk), frames);
    for (let chunk = 0; chunk < this.chunks; chunk += 1) this.#fill(chunk);
  }

  get chunks() {
    return this.edges.length - 1;
  }

  /** A chunk's frames, half-open. */
  spanOf(chunk) {
    return [this.edges[chunk], this.edges[chunk + 1]];
  }

  /** The chunk that holds a frame. */
  chunkOf(frame) {
    let low = 0;
    let high = this.chunks - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.edges[middle] <= frame) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** What a frame is doing: one of KINDS. */
  kindOf(frame) {
    return KINDS[this.bytes[frame] & 7];
  }

  /** Whether there is a picture of it. */
  isPainted(frame) {
    const kind = this.bytes[frame] & 7;
    return kind === DONE || kind === REDONE || kind === BAD;
  }

  /** Take what changed, as the events tell it. Gives the chunks whose frames look different now. */
  apply({ version, changed = {}, running = {}, failures = null, bad = null }) {
    this.version = version ?? this.version;
    const touched = new Set();
    for (const [chunk, letter] of Object.entries(changed)) {
      if (this.letters[chunk] !== letter) touched.add(Number(chunk));
      this.letters[chunk] = letter;
    }
    for (const chunk of this.running.keys()) if (!(chunk in running)) touched.add(chunk);
    for (const [chunk, frames] of Object.entries(running)) {
      if (this.running.get(Number(chunk)) !== frames) touched.add(Number(chunk));
    }
    this.running = new Map(Object.entries(running).map(([chunk, frames]) => [Number(chunk), frames]));
    if (failures) this.failures = new Map(Object.entries(failures).map(([chunk, count]) => [Number(chunk), count]));
    if (bad) for (const frame of this.#learnBad(bad)) touched.add(this.chunkOf(frame));
    for (const chunk of touched) this.#fill(chunk);
    return touched;
  }

  /** How many frames are doing what: {waiting: 12, …}. */
  census() {
    const counts = new Array(KINDS.length).fill(0);
    for (const byte of this.bytes) counts[byte & 7] += 1;
    return Object.fromEntries(KINDS.map((kind, n) => [kind, counts[n]]));
  }

  /** The first frame after `frame` (before it, if `step` is -1) of the next row of frames that are doing `kind`, within
   * one chunk each; null if there is none. */
  next(kind, frame, step = 1) {
    const wanted = KINDS.indexOf(kind);
    const here = this.bytes[frame];
    let hasLeft = false;
    for (let n = 1; n <= this.frames; n += 1) {
      const byte = this.bytes[(frame + step * n + this.frames) % this.frames];
      hasLeft ||= byte !== here;
      if (hasLeft && (byte & 7) === wanted) return (frame + step * n + this.frames) % this.frames;
    }
    return null;
  }

  /** Take in which frames could not be painted. Gives those that were not known to be, or are no longer. */
  #learnBad(bad) {
    const before = this.bad;
    this.bad = new Map();
    for (const [number, why] of Object.entries(bad)) {
      const frame = this.numbers.frame(Number(number));
      if (frame !== null) this.bad.set(frame, why);
    }
    const fresh = [...this.bad.keys()].filter((frame) => !before.has(frame));
    return [...fresh, ...[...before.keys()].filter((frame) => !this.bad.has(frame))];
  }

  #fill(chunk) {
    const [start, stop] = this.spanOf(chunk);
    const odd = chunk % 2 ? ODD : 0;
    const kind = LETTERS[this.letters[chunk]] ?? WAITING;
    this.bytes.fill(kind | odd, start, stop);
    if (kind === RENDERING) {
      this.bytes.fill(PAINTED | odd, start, Math.min(stop, start + (this.running.get(chunk) ?? 0)));
    }
    if (this.bad.size && (kind === DONE || kind === REDONE)) {
      for (let frame = start; frame < stop; frame += 1) if (this.bad.has(frame)) this.bytes[frame] = BAD | odd;
    }
  }
}

function edgesOf({ frames, chunks }) {
  if (Array.isArray(chunks)) {
    const edges = new Uint32Array(chunks.length + 1);
    chunks.forEach(([start, stop], n) => {
      edges[n] = start;
      edges[n + 1] = stop;
    });
    return edges;
  }
  const count = Math.ceil(frames / chunks.size);
  return Uint32Array.from({ length: count + 1 }, (_, n) => Math.min(n * chunks.size, frames));
}
