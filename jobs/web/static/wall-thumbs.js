/**
 * The small pictures of frames: fetched a few at a time, kept while there is room, given up when nobody looks any more.
 */
/** Pictures that are kept at least; more if more are seen at once. */
const ROOM = 900;
const AT_ONCE = 8;

export class Thumbs {
  /** `addressOf(frame, width)` is where a picture is; `arrived(frame)` is called when one can be drawn. */
  constructor(addressOf, arrived) {
    this.addressOf = addressOf;
    this.arrived = arrived;
    this.width = 160;
    this.kept = new Map();
    this.waiting = [];
    this.fetching = new Map();
    this.missing = new Set();
    this.room = ROOM;
    this.restsUntil = 0;
  }

  /** A frame's picture if it is here. */
  get(frame) {
    return this.kept.get(frame) ?? null;
  }

  /** These frames are looked at now, and no others are: the first come first. */
  want(frames, width = this.width) {
    if (width !== this.width) this.clear();
    this.width = width;
    this.room = Math.max(ROOM, 2 * frames.length);
    const wanted = new Set(frames);
    for (const [frame, control] of this.fetching) if (!wanted.has(frame)) control.abort();
    for (const frame of frames) this.#touch(frame);
    this.waiting = frames.filter((frame) => !this.kept.has(frame) && !this.fetching.has(frame) && !this.missing.has(frame));
    this.#fetchMore();
  }

  /** These frames have other pictures now. */
  forget(frames) {
    for (const frame of frames) {
      this.missing.delete(frame);
      this.fetching.get(frame)?.abort();
      this.kept.get(frame)?.close();
      this.kept.delete(frame);
    }
  }

  clear() {
    for (const control of this.fetching.values()) control.abort();
    for (const picture of this.kept.values()) picture.close();
    this.kept.clear();
    this.missing.clear();
    this.waiting = [];
  }

  #fetchMore() {
    if (performance.now() < this.restsUntil) return;
    while (this.fetching.size < AT_ONCE && this.waiting.length) this.#fetch(this.waiting.shift());
  }

  async #fetch(frame) {
    const control = new AbortController();
    this.fetching.set(frame, control);
    try {
      const answer = await fetch(this.addressOf(frame, this.width), { signal: control.signal });
      if (answer.status === 429) this.#rest(frame, Number(answer.headers.get("Retry-After")) || 5);
      else if (!answer.ok) this.missing.add(frame);
      else this.#keep(frame, await createImageBitmap(await answer.blob()));
    } catch (error) {
      if (error.name !== "AbortError") this.missing.add(frame);
    } finally {
      this.fetching.delete(frame);
      this.#fetchMore();
    }
  }

  #keep(frame, picture) {
    this.kept.set(frame, picture);
    for (const [old, oldPicture] of this.kept) {
      if (this.kept.size <= this.room) break;
      oldPicture.close();
      this.kept.delete(old);
    }
    this.arrived(frame, picture);
  }

  #touch(frame) {
    const picture = this.kept.get(frame);
    if (!picture) return;
    this.kept.delete(frame);
    this.kept.set(frame, picture);
  }

  /** The server has enough of us for the moment. */
  #rest(frame, seconds) {
    this.waiting.unshift(frame);
    this.restsUntil = performance.now() + seconds * 1000;
    setTimeout(() => this.#fetchMore(), seconds * 1000 + 50);
  }
}
