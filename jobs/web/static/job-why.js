/**
 * Why the job is where it is: the sentences that `atelier explain` says, and the notes of its planning.
 */
import { get } from "./api.js";
import { h } from "./dom.js";
import { clock, when } from "./format.js";
import { t } from "./i18n.js";
import { place } from "./job-log.js";

const AGAIN_MS = 5000;
const SETTLED_MS = 300;
const HISTORY = 40;

export class Why {
  constructor(page) {
    this.page = page;
    this.box = document.querySelector("#why .why");
    this.asked = "";
    this.at = 0;
  }

  stands(job) {
    const facts = JSON.stringify([job.state, job.generation, job.failures, job.running.map((item) => item.chunk), job.notes]);
    if (facts === this.asked || this.isAsking || this.page.trouble) return;
    if (Date.now() - this.at < AGAIN_MS && JSON.parse(this.asked || "[]")[0] === job.state) return;
    this.asked = facts;
    this.at = Date.now();
    this.isAsking = true;
    // That Redis is away is heard just after what changed by it.
    setTimeout(() => this.#ask(), SETTLED_MS);
  }

  async #ask() {
    try {
      if (this.page.trouble) throw new Error(this.page.trouble);
      const told = await get(`${this.page.path}/explanation`);
      this.#show(told);
    } catch {
      // The banner says what is amiss; what was said before stands, and is asked for again.
      this.asked = "";
    } finally {
      this.isAsking = false;
    }
  }

  #show({ sentences, files, history }) {
    const isOpen = this.box.querySelector("details")?.open ?? false;
    const notes = this.page.job.notes ?? [];
    this.box.replaceChildren(
      h("ul", { class: "sentences", dataset: { testid: "why-sentences" } }, sentences.map((sentence) => h("li", {}, sentence))),
      ...(notes.length ? [h("h3", {}, t("job.notes")), h("ul", { class: "sentences", dataset: { testid: "job-notes" } }, notes.map((note) => h("li", {}, note)))] : []),
      h("dl", { class: "places" }, files.map(([what, where]) => h("div", {}, h("dt", {}, what), h("dd", {}, h("code", {}, where))))),
      ...(history.length ? [h("details", { open: isOpen }, h("summary", {}, t("job.history")), h("ol", { class: "history" }, history.slice(-HISTORY).reverse().map(line)))] : []),
    );
  }
}

function line({ at, what, chunk, worker }) {
  const where = [place(chunk), worker].filter(Boolean).join(" · ");
  return h("li", {}, h("time", { title: when(at, { seconds: true }) }, clock(at)), h("span", {}, what), where && h("span", { class: "muted" }, where));
}
