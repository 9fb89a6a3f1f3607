// Follows the API's server-sent events, and says at the top of the page when nothing is heard.

import { ROOT, get } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const FIRST_MS = 1000;
const LONGEST_MS = 20000;
const PATIENCE_MS = 2500;
const GOOD_MS = 3000;

/** Follow `path` below /api/v1. `handlers`: by event's name, what hears its data. `trouble` is shown in the banner, and
 *  to a handler of that name, too. While the page is hidden, nothing is followed: the line is for those who look.
 *  Gives {close}. */
export function follow(path, handlers) {
  let source = null;
  let timer = 0;
  let pause = FIRST_MS;
  let isOver = false;

  function open() {
    clearTimeout(timer);
    if (isOver || source || document.hidden) return;
    source = new EventSource(ROOT + path);
    source.addEventListener("open", () => {
      pause = FIRST_MS;
      banner.heard();
    });
    source.addEventListener("error", lost);
    listen("trouble", (sentence) => banner.trouble(sentence));
    listen("gone", close);
    for (const [name, act] of Object.entries(handlers)) listen(name, act);
  }

  function listen(name, act) {
    source.addEventListener(name, (event) => {
      banner.heard();
      act(JSON.parse(event.data));
    });
  }

  async function lost() {
    // A browser that tries again by itself does so every few seconds, forever; we wait longer each time.
    shut();
    if (isOver || document.hidden) return;
    banner.silent();
    timer = setTimeout(open, pause * (0.75 + Math.random() / 2));
    pause = Math.min(LONGEST_MS, pause * 2);
    // An event source does not say why it was turned away; this does, and leads to the login page if that is why.
    await get("/me").catch((problem) => banner.turnedAway(problem));
    // Nor does it say that what was followed went while nobody listened.
    if (handlers.gone && !isOver) await get(path.replace(/\/events$/, "")).catch(missed);
  }

  function missed(problem) {
    if (problem.status !== 404 || isOver) return;
    close();
    banner.heard();
    handlers.gone(problem.message);
  }

  function shut() {
    source?.close();
    source = null;
  }

  function close() {
    isOver = true;
    clearTimeout(timer);
    shut();
    document.removeEventListener("visibilitychange", seen);
    removeEventListener("online", hurry);
  }

  function seen() {
    if (document.hidden) shut();
    else hurry();
  }

  function hurry() {
    pause = FIRST_MS;
    // A line that outlived the network's absence says nothing of it.
    if (source?.readyState === EventSource.OPEN) banner.heard();
    else open();
  }

  document.addEventListener("visibilitychange", seen);
  addEventListener("online", hurry);
  addEventListener("pagehide", shut);
  addEventListener("pageshow", seen);
  open();
  return { close };
}

/** What stands at the top of the page while something is amiss. One for the page. */
const banner = {
  cause: "",
  patience: 0,
  hiding: 0,

  trouble(sentence) {
    if (sentence) this.show("trouble", t("common.trouble", { sentence }));
    else this.clear();
  },

  silent() {
    if (!navigator.onLine) this.show("silence", t("common.offline"));
    else if (!this.cause && !this.patience) this.patience = setTimeout(() => this.show("silence", t("common.silent")), PATIENCE_MS);
  },

  turnedAway(problem) {
    if (problem.status) this.show("silence", t("common.trouble", { sentence: problem.message }));
  },

  heard() {
    this.patience = clearTimeout(this.patience);
    if (this.cause === "silence") this.clear();
  },

  show(cause, sentence) {
    this.patience = clearTimeout(this.patience);
    this.cause = cause;
    this.draw(sentence, "warning", "");
  },

  clear() {
    if (!this.cause) return;
    this.cause = "";
    this.draw(t("common.recovered"), "check", "good");
    this.hiding = setTimeout(() => (document.getElementById("banner").hidden = true), GOOD_MS);
  },

  draw(sentence, name, tone) {
    this.hiding = clearTimeout(this.hiding);
    const box = document.getElementById("banner");
    // Said again, it would be read out again.
    if (!box.hidden && box.textContent === sentence) return;
    box.hidden = false;
    box.dataset.tone = tone;
    box.replaceChildren(icon(name), h("span", {}, sentence));
  },
};

addEventListener("offline", () => banner.silent());
