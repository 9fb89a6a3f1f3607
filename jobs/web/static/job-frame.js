/**
 * A frame by itself, beside its source: in a dialog whose frame the address names (#frame=120), so that it can be shared.
 */
import { get } from "./api.js";
import { h, icon, isTyping, setText } from "./dom.js";
import { duration, number as written, when } from "./format.js";
import { t } from "./i18n.js";
import { isOn } from "./shortcuts.js";
import { toast } from "./toast.js";
import { inAddress } from "./job-address.js";
import { MODES, Wipe } from "./wipe.js";

const SHOWN_WIDTH = 1280;
/** A smaller copy is shown until pixels are looked at. */
const ASKED_AFTER_MS = 120;
const REMEMBERED = 40;

export class FrameView {
  constructor(page) {
    this.page = page;
    this.dialog = document.getElementById("frame");
    this.frame = null;
    this.facts = null;
    this.known = new Map();
    this.opened = 0;
    this.wipe = new Wipe();
    this.wipe.zoom.changed = () => this.#zoomed();
    this.wipe.alone = () => (this.modes.hidden = true);
    this.#build();
    this.dialog.addEventListener("close", () => this.#closed());
    this.dialog.addEventListener("keydown", (event) => this.#key(event));
    addEventListener("hashchange", () => this.openFromAddress());
  }

  follow(panel) {
    this.panel = panel;
  }

  /** Open the frame that the address names, if it names one; what names none leaves the address. */
  openFromAddress() {
    const asked = inAddress("frame");
    if (asked === null) {
      if (this.dialog.open) this.dialog.close();
      return;
    }
    const { model } = this.panel;
    if (!model) return;
    const frame = /^\d{1,10}$/.test(asked) ? model.numbers.frame(Number(asked)) : null;
    if (frame === this.frame && frame !== null) return;
    if (frame !== null) return this.open(frame);
    history.replaceState(null, "", this.dialog.open ? `#frame=${model.numbers.of(this.frame)}` : location.pathname + location.search);
    const what = t(`wall.noun.${this.page.job.numbered}`);
    toast(t("job.no_such_frame", { what, number: asked.slice(0, 40), extent: this.page.job.extent }), { tone: "bad" });
  }

  open(frame) {
    const { model } = this.panel;
    this.frame = Math.max(0, Math.min(model.frames - 1, frame));
    const number = model.numbers.of(this.frame);
    history.replaceState(null, "", `#frame=${number}`);
    if (!this.dialog.open) {
      this.dialog.showModal();
      // Not one of its buttons: arrows leaf through frames at once.
      this.dialog.focus();
    }
    this.panel.wall.goTo(this.frame);
    this.panel.wall.anchor = this.frame;
    setText(this.title, t("job.frame_title", { what: t(`wall.noun.${this.page.job.numbered}`), number: String(number) }));
    this.previous.disabled = this.frame === 0;
    this.next.disabled = this.frame === model.frames - 1;
    // Whoever leafs through frames with a held key waits for none but the last.
    clearTimeout(this.timer);
    const pause = performance.now() - this.opened < ASKED_AFTER_MS ? ASKED_AFTER_MS : 0;
    this.opened = performance.now();
    this.timer = setTimeout(() => this.#ask(), pause);
  }

  /** Another frame may be there now. */
  stands() {
    if (this.dialog.open && this.facts && !this.facts.has_picture && this.panel.model.isPainted(this.frame)) this.#ask();
  }

  async #ask() {
    const { frame } = this;
    try {
      const facts = await this.#factsOf(frame);
      if (frame !== this.frame) return;
      this.facts = facts;
      this.#show();
    } catch (error) {
      if (frame === this.frame) this.wipe.say(error.message);
    }
  }

  /** What is known of a frame; asked once for as long as its chunk stays as it is. */
  #factsOf(frame) {
    const { model } = this.panel;
    const chunk = model.chunkOf(frame);
    const key = `${frame} ${model.letters[chunk]} ${model.running.get(chunk)} ${this.page.job.generation}`;
    if (!this.known.has(key)) {
      const asked = get(`${this.page.path}/frames/${model.numbers.of(frame)}`);
      asked.catch(() => this.known.delete(key));
      this.known.set(key, asked);
      if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value);
    }
    return this.known.get(key);
  }

  #pictureOf(facts, width) {
    const address = new URL(facts.picture, location.origin);
    if (width) address.searchParams.set("width", width);
    return address.pathname + address.search;
  }

  #show() {
    const { facts, wipe } = this;
    this.address = `${this.page.root}/frames/${facts.number}`;
    this.isWhole = false;
    wipe.zoom.full = null;
    wipe.show({
      picture: facts.has_picture ? this.#pictureOf(facts, SHOWN_WIDTH) : null,
      source: facts.has_source ? `${this.address}/source?width=${SHOWN_WIDTH}` : null,
      alt: this.title.textContent,
      names: [t("job.source"), t("job.picture")],
    });
    if (!facts.has_picture && !facts.has_source) wipe.say(facts.sentences[0]);
    if (wipe.zoom.isZoomed) this.#whole();
    this.modes.hidden = !wipe.hasPair;
    this.download.hidden = !facts.has_picture;
    this.download.href = facts.picture ?? "";
    this.download.download = `${facts.name}.png`;
    this.#describe(facts);
    this.#fetchNeighbours();
  }

  #describe(facts) {
    const { model } = this.panel;
    const [start, stop] = model.spanOf(facts.chunk);
    const rows = [
      ["state", h("span", { class: "state", dataset: { state: facts.state } }, t(`wall.kind.${facts.state}`))],
      ["chunk", `${facts.chunk} (${model.numbers.write([[start, stop]])})`],
      ["worker", facts.worker],
      ["device", facts.device],
      ["each", facts.seconds ? duration(facts.seconds) : null],
      ["finished", facts.finished ? when(facts.finished) : null],
      ["generation", facts.generation > 1 ? written(facts.generation) : null],
    ];
    const told = h("div", { class: "frame-told" },
      h("dl", { class: "frame-facts" }, rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, t(`job.frame.${name}`)), h("dd", {}, value)))),
      facts.is_outdated && h("p", { class: "frame-note" }, t("job.outdated")),
      facts.bad && h("p", { class: "frame-note" }, t("job.frame_bad", { why: facts.bad })),
      facts.notes.map((note) => h("p", { class: "frame-note" }, note)),
      Object.keys(facts.timings).length > 0 && timings(facts.timings),
      h("h3", {}, t("job.what_became")),
      h("ul", { class: "sentences" }, facts.sentences.map((sentence) => h("li", {}, sentence))),
    );
    this.about.replaceChildren(told);
  }

  #zoomed() {
    const { zoom } = this.wipe;
    // A smaller copy does not tell how large the picture is.
    const isKnown = this.isWhole || zoom.size.width < SHOWN_WIDTH;
    setText(this.factor, isKnown ? t("job.zoom", { percent: Math.round(zoom.factor * 100) }) : t("job.zoom_fit"));
    this.fit.disabled = !zoom.isZoomed;
    if (zoom.isZoomed) this.#whole();
  }

  /** Pixels are looked at: the whole picture then, as it is kept. */
  async #whole() {
    const { frame, facts } = this;
    if (this.isWhole || !facts?.has_picture) return;
    this.isWhole = true;
    const picture = new Image();
    picture.src = this.#pictureOf(facts);
    await picture.decode().catch(() => null);
    if (facts !== this.facts || frame !== this.frame || !picture.naturalWidth) return;
    this.wipe.zoom.isWhole(picture.naturalWidth);
    this.wipe.above.src = picture.src;
    if (facts.has_source) this.wipe.below.src = `${this.address}/source`;
  }

  async #pixels() {
    await this.#whole();
    this.wipe.zoom.zoomTo(1);
  }

  #fetchNeighbours() {
    for (const frame of [this.frame + 1, this.frame - 1]) {
      if (frame < 0 || frame >= this.panel.model.frames) continue;
      this.#factsOf(frame).then((facts) => {
        if (facts.has_picture) new Image().src = this.#pictureOf(facts, SHOWN_WIDTH);
        if (facts.has_source) new Image().src = `${this.page.root}/frames/${facts.number}/source?width=${SHOWN_WIDTH}`;
      }, () => null);
    }
  }

  #build() {
    const button = (name, picture, act, key) =>
      h("button", { type: "button", class: "plain icon-only", "aria-label": t(`job.${name}`), title: `${t(`job.${name}`)} (${key})`, dataset: { testid: `frame-${name}` }, onclick: act }, icon(picture));
    this.title = h("h2", { id: "frame-title" });
    this.previous = button("previous", "left", () => this.open(this.frame - 1), "←");
    this.next = button("next", "right", () => this.open(this.frame + 1), "→");
    this.modes = h("div", { class: "choice", role: "group", "aria-label": t("job.modes") }, MODES.map((mode) =>
      h("button", { type: "button", "aria-pressed": "false", dataset: { mode, testid: `mode-${mode}` }, onclick: () => this.#setMode(mode) }, t(`job.mode.${mode}`)),
    ));
    this.factor = h("output", { class: "small muted", "aria-live": "polite" });
    this.fit = button("zoom_fit", "fit", () => this.wipe.zoom.zoomTo(null), "0");
    this.tools = h("div", { class: "frame-tools" },
      this.modes,
      h("div", { class: "frame-zoom", role: "group", "aria-label": t("job.zooming") },
        button("zoom_out", "minus", () => this.wipe.zoom.step(-1), "−"), this.factor, button("zoom_in", "plus", () => this.wipe.zoom.step(1), "+"),
        this.fit, h("button", { type: "button", class: "plain", onclick: () => this.#pixels(), title: t("job.zoom_pixels") + " (1)", dataset: { testid: "frame-pixels" } }, "1:1"),
      ),
    );
    this.download = h("a", { class: "button plain icon-only", "aria-label": t("job.download_frame"), title: t("job.download_frame"), dataset: { testid: "frame-download" } }, icon("download"));
    const share = button("share", "link", () => this.#share(), "S");
    const close = button("close", "close", () => this.dialog.close(), "Esc");
    this.about = h("aside", { class: "frame-about", "aria-label": t("job.about_frame") });
    this.dialog.append(
      h("header", { class: "frame-head" }, this.previous, this.next, this.title, this.tools, this.download, share, close),
      h("div", { class: "frame-body" }, this.wipe.root, this.about),
    );
    this.#setMode("wipe");
  }

  #setMode(mode) {
    for (const button of this.modes.children) button.setAttribute("aria-pressed", button.dataset.mode === mode);
    this.wipe.setMode(mode);
    if (mode === "toggle") this.wipe.flip(this.mode === "toggle" && !this.wipe.isFlipped);
    this.mode = mode;
  }

  async #share() {
    await navigator.clipboard?.writeText(location.href).catch(() => null);
    toast(t("common.copied"));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key.length === 1 && !isOn()) return;
    const { zoom } = this.wipe;
    const act = {
      ArrowLeft: () => this.open(this.frame - 1),
      ArrowRight: () => this.open(this.frame + 1),
      w: () => this.#setMode("wipe"),
      l: () => this.#setMode("level"),
      d: () => this.#setMode("difference"),
      t: () => (this.mode === "toggle" ? this.wipe.flip() : this.#setMode("toggle")),
      "+": () => zoom.step(1),
      "=": () => zoom.step(1),
      "-": () => zoom.step(-1),
      0: () => zoom.zoomTo(null),
      1: () => this.#pixels(),
      s: () => this.#share(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #closed() {
    clearTimeout(this.timer);
    history.replaceState(null, "", location.pathname + location.search);
    this.wipe.zoom.zoomTo(null);
    this.panel.wall.scroller.focus({ preventScroll: true });
    this.facts = null;
    this.frame = null;
  }
}

/** Seconds by stage as bars. Stages overlap, so each is measured against the longest. */
function timings(stages) {
  const longest = Math.max(...Object.values(stages));
  const rows = Object.entries(stages).map(([stage, seconds]) => {
    const bar = h("span", { class: "timing-bar" });
    bar.style.setProperty("--share", longest ? seconds / longest : 0);
    return h("div", { class: "timing" }, h("dt", {}, stage.replace(/_s$/, "").replaceAll("_", " ")), h("dd", {}, bar, h("span", { class: "number" }, duration(seconds))));
  });
  return [h("h3", {}, t("job.timings")), h("dl", { class: "timings", dataset: { testid: "frame-timings" } }, rows)];
}
