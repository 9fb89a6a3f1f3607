/**
 * The movie of what is done so far. It grows: a longer one is fetched beside the one that plays and takes its place at
 * the same moment of the film, when nothing is lost by it.
 */
import { get } from "./api.js";
import { h, setText } from "./dom.js";
import { number } from "./format.js";
import { t } from "./i18n.js";

const AGAIN_MS = 10_000;
const AFTER_FAILURE_MS = 30_000;
const SETTLED_MS = 300;
const NEAR_END_S = 1.5;
const OVER = new Set(["done", "failed", "cancelled"]);

export class Preview {
  constructor(page) {
    this.page = page;
    this.section = document.getElementById("preview");
    this.screen = this.section.querySelector(".preview-screen");
    this.says = document.getElementById("preview-says");
    this.player = null;
    this.isBusy = false;
    this.shown = "";
    this.restsUntil = 0;
    // A film that nobody looks at need not be made.
    this.isNear = false;
    new IntersectionObserver((news) => {
      this.isNear = news.at(-1).isIntersecting;
      this.stands(page.job);
    }, { rootMargin: "100px" }).observe(this.section.parentElement);
  }

  /** The finished film can be played: nobody needs this one any more. */
  retire() {
    this.isRetired = true;
    this.section.hidden = true;
    this.player?.pause();
  }

  stands(job) {
    const version = `${job.generation} ${job.chunks_done} ${OVER.has(job.state)}`;
    if (this.isRetired && !OVER.has(job.state)) this.isRetired = false;
    if (!job.has_film || !job.chunks_done || this.isRetired || this.isBusy || version === this.shown) return;
    if (!this.isNear || this.page.trouble || performance.now() < this.restsUntil) return;
    this.isBusy = true;
    this.#ask(version).catch(() => this.#rest(AFTER_FAILURE_MS));
  }

  async #ask(version) {
    // That Redis is away is heard just after what changed by it.
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    if (this.page.trouble) return this.#rest(AGAIN_MS);
    const told = await get(`${this.page.path}/preview`);
    if (!told.href || this.isRetired) return this.#rest(AGAIN_MS);
    this.#fetch(told, version);
  }

  /** Fetch a version beside the one that is shown. */
  #fetch(told, version) {
    const fresh = h("video", {
      class: "preview-player", controls: true, playsinline: true, loop: true, preload: "auto", src: told.href,
      "aria-label": t("job.preview"), dataset: { testid: "preview-player" }, ".muted": true,
    });
    fresh.addEventListener("error", () => this.#rest(AFTER_FAILURE_MS), { once: true });
    fresh.addEventListener("loadeddata", () => {
      const change = () => {
        this.shown = version;
        this.#take(fresh);
        setText(this.says, told.is_whole ? "" : t(told.step > 1 ? "job.preview_every" : "job.preview_of", { done: number(told.frames), all: number(told.of), step: told.step }));
        this.#rest(AGAIN_MS);
      };
      const old = this.player;
      if (!old || old.paused) change();
      else whenNearEnd(old, change);
    }, { once: true });
  }

  /** Put the new player where the old one was, at its moment. */
  #take(fresh) {
    const old = this.player;
    this.player = fresh;
    this.section.hidden = Boolean(this.isRetired);
    if (!old) return this.screen.replaceChildren(fresh);
    const plays = !old.paused;
    Object.assign(fresh, { muted: old.muted, volume: old.volume, playbackRate: old.playbackRate });
    fresh.addEventListener("seeked", () => {
      const hasFocus = document.activeElement === old;
      old.pause();
      old.replaceWith(fresh);
      if (hasFocus) fresh.focus();
      if (plays) fresh.play().catch(() => null);
    }, { once: true });
    fresh.currentTime = Math.min(old.currentTime, fresh.duration);
  }

  #rest(pause) {
    this.isBusy = false;
    this.restsUntil = performance.now() + pause;
    // The job's last news may come while we rest.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.stands(this.page.job), pause + 50);
  }
}

/** Call `act` once a player stops or comes to its end. */
function whenNearEnd(player, act) {
  const names = ["pause", "timeupdate"];
  const look = () => {
    if (!player.paused && player.duration - player.currentTime > NEAR_END_S) return;
    for (const name of names) player.removeEventListener(name, look);
    act();
  };
  for (const name of names) player.addEventListener(name, look);
}
