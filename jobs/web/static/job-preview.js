/**
 * The movie of what is done so far. It grows: a longer one is fetched beside the one that plays and takes its place at
 * the same moment of the film, when nothing is lost by it.
 */
import { h, setText } from "./dom.js";
import { amount } from "./format.js";
import { t } from "./i18n.js";

const AGAIN_S = 12;
const AFTER_FAILURE_S = 30;
const NEAR_END_S = 1.5;
const OVER = new Set(["done", "failed", "cancelled"]);

export class Preview {
  constructor(page) {
    this.page = page;
    this.section = document.getElementById("preview");
    this.screen = this.section.querySelector(".preview-screen");
    this.says = document.getElementById("preview-says");
    this.player = null;
    this.coming = null;
    this.shown = "";
    this.asked = 0;
  }

  stands(job) {
    if (!job.has_film || !job.chunks_done) return;
    const version = `${job.generation}.${job.chunks_done}`;
    const pause = OVER.has(job.state) ? 0 : AGAIN_S * 1000;
    const isDue = Date.now() - this.asked >= pause;
    if (version === this.shown || this.coming || !isDue) return;
    this.#fetch(version, job);
  }

  /** Fetch a version beside the one that is shown. */
  #fetch(version, job) {
    this.asked = Date.now();
    const fresh = h("video", { class: "preview-player", controls: true, playsinline: true, preload: "auto", "aria-label": t("job.preview"), dataset: { testid: "preview-player" } });
    fresh.muted = true;
    fresh.src = `${this.page.root}/preview.mp4?version=${version}`;
    this.coming = fresh;
    fresh.addEventListener("loadedmetadata", () => this.#arrived(fresh, version, job), { once: true });
    fresh.addEventListener("error", () => {
      this.coming = null;
      this.asked = Date.now() + AFTER_FAILURE_S * 1000;
    }, { once: true });
  }

  #arrived(fresh, version, job) {
    const change = () => {
      this.coming = null;
      this.shown = version;
      this.#take(fresh);
      setText(this.says, OVER.has(job.state) ? "" : t("job.preview_of", { frames: amount(job.frames_done, job.noun) }));
      this.stands(this.page.job);
    };
    const old = this.player;
    if (!old || old.paused || old.ended) change();
    else whenNearEnd(old, change);
  }

  /** Put the new player where the old one was, at its moment. */
  #take(fresh) {
    const old = this.player;
    this.player = fresh;
    this.section.hidden = false;
    if (!old) {
      this.screen.replaceChildren(fresh);
      return;
    }
    const plays = !old.paused || (old.ended && old.duration > 0);
    fresh.muted = old.muted;
    fresh.volume = old.volume;
    fresh.playbackRate = old.playbackRate;
    const hasFocus = document.activeElement === old;
    fresh.addEventListener("seeked", () => {
      old.pause();
      old.replaceWith(fresh);
      if (hasFocus) fresh.focus();
      if (plays) fresh.play().catch(() => null);
    }, { once: true });
    fresh.currentTime = Math.min(old.currentTime, fresh.duration);
  }
}

/** Call `act` once a player stops or comes to its end. */
function whenNearEnd(player, act) {
  const names = ["pause", "ended", "timeupdate"];
  const look = () => {
    if (!player.paused && player.duration - player.currentTime > NEAR_END_S) return;
    for (const name of names) player.removeEventListener(name, look);
    act();
  };
  for (const name of names) player.addEventListener(name, look);
}
