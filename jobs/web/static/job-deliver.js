/**
 * What the job delivered: to play, to look at, and to take away.
 */
import { get } from "./api.js";
import { fail } from "./toast.js";
import { h, icon } from "./dom.js";
import { bytes, number } from "./format.js";
import { t } from "./i18n.js";

export class Deliverables {
  constructor(page) {
    this.page = page;
    this.box = document.querySelector("#deliverables .deliverables");
    this.shown = null;
  }

  stands(job) {
    const facts = `${job.state} ${job.generation} ${job.deliverables?.length}`;
    if (facts === this.shown) return;
    this.shown = facts;
    if (job.state === "done") this.#load().catch(fail);
    else this.box.replaceChildren(h("p", { class: "muted" }, t("job.delivers", { what: job.deliver.join(", ") })), h("p", { class: "small muted mono" }, job.output));
  }

  async #load() {
    const answer = await get(`${this.page.path}/deliverables`);
    const rows = answer.items ?? answer;
    this.box.replaceChildren(...rows.map((row) => this.#card(row)));
  }

  #card(row) {
    const facts = [row.files > 1 && t("job.files", { n: row.files }), bytes(row.size)].filter(Boolean).join(" · ");
    return h("article", { class: "deliverable", dataset: { testid: `deliverable-${row.name}` } },
      player(row),
      h("div", { class: "deliverable-about" },
        h("h3", {}, row.name), h("span", { class: "muted small" }, facts),
        row.download && h("a", { class: "button", href: row.download, download: "", dataset: { testid: `download-${row.name}` } }, icon("download"), t("job.download")),
      ),
      (row.notes ?? []).map((note) => h("p", { class: "small muted" }, note)),
      row.files > 1 && this.#folder(row),
    );
  }

  /** The files of a folder, a page at a time. */
  #folder(row) {
    const list = h("ul", { class: "files" });
    const more = h("button", { type: "button", class: "plain" }, t("common.load_more"));
    const load = async (cursor) => {
      try {
        const page = await get(`${this.page.path}/deliverables/${encodeURIComponent(row.name)}/files`, { limit: 60, cursor });
        list.append(...page.items.map((file) => h("li", {}, h("a", { href: file.href, download: "" }, file.name ?? file.path), h("span", { class: "muted small" }, bytes(file.size)))));
        more.hidden = !page.next;
        more.onclick = () => load(page.next);
      } catch (error) {
        fail(error);
      }
    };
    const fold = h("details", {}, h("summary", {}, t("job.folder", { n: number(row.files) })), list, more);
    fold.addEventListener("toggle", () => fold.open && load(), { once: true });
    return fold;
  }
}

function player(row) {
  const address = row.href ?? row.url;
  const name = row.name;
  if (!row.href) return null;
  if (row.playable === "video") return h("video", { class: "deliverable-player", controls: true, preload: "metadata", playsinline: true, src: address, "aria-label": name });
  if (row.playable === "audio") return h("audio", { class: "deliverable-player", controls: true, preload: "metadata", src: address, "aria-label": name });
  if (row.playable === "picture") return h("a", { href: address, target: "_blank", rel: "noopener" }, h("img", { class: "deliverable-player", src: address, alt: name, loading: "lazy" }));
  return null;
}
