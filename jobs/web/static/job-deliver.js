/**
 * What the job delivered: to play, to look at, and to take away.
 */
import { get } from "./api.js";
import { quietly } from "./job-quiet.js";
import { fail } from "./toast.js";
import { h, icon } from "./dom.js";
import { bytes } from "./format.js";
import { t } from "./i18n.js";

const PAGE = 48;

export class Deliverables {
  /** `plays()` is called when there is a film to be played. */
  constructor(page, { plays }) {
    this.page = page;
    this.plays = plays;
    this.box = document.querySelector("#deliverables .deliverables");
    this.shown = null;
  }

  stands(job) {
    const facts = `${job.state} ${job.generation}`;
    if (facts === this.shown) return;
    this.shown = facts;
    // Of a job that is done again, what it delivered before stays until then.
    if (job.state === "done" || job.generation > 1) this.#load(job, facts).catch((error) => {
      this.shown = null;
      quietly(error);
    });
    else this.#promise(job);
  }

  async #load(job, facts) {
    const { items } = await get(`${this.page.path}/deliverables`);
    if (facts !== this.shown) return;
    if (!items.length) return this.#promise(job);
    this.box.replaceChildren(...items.map((row) => this.#card(row)));
    if (items.some((row) => isFilm(row) && !row.outdated)) this.plays();
  }

  #promise(job) {
    this.box.replaceChildren(h("p", { class: "muted" }, t("job.delivers", { what: job.deliver.join(", ") })));
  }

  #card(row) {
    const facts = [row.files > 1 && t("job.files", { n: row.files }), bytes(row.size)].filter(Boolean).join(" · ");
    return h("article", { class: "deliverable", dataset: { testid: `deliverable-${row.name}` } },
      row.download && player(row),
      h("div", { class: "deliverable-about" },
        h("h3", {}, row.name), h("span", { class: "muted small" }, facts),
        row.download && h("a", { class: "button", href: row.download, download: "", dataset: { testid: `download-${row.name}` } }, icon("download"), t("job.download")),
      ),
      row.outdated && h("p", { class: "frame-note small" }, t("job.deliverable_outdated")),
      row.notes.map((note) => h("p", { class: "small muted" }, note)),
      !row.download && this.#folder(row),
    );
  }

  /** The files of a folder, a page at a time, asked for when it is opened. */
  #folder(row) {
    const list = h("ul", { class: "files" });
    const more = h("button", { type: "button", class: "plain", hidden: true }, t("common.load_more"));
    const load = async (cursor) => {
      try {
        const page = await get(`${this.page.path}/deliverables/${encodeURIComponent(row.name)}/files`, { limit: PAGE, cursor });
        list.append(...page.items.map(fileRow));
        more.hidden = !page.next;
        more.onclick = () => load(page.next);
      } catch (error) {
        fail(error);
      }
    };
    const fold = h("details", { dataset: { testid: `files-${row.name}` } }, h("summary", {}, t("job.folder", { n: row.files })), list, more);
    fold.addEventListener("toggle", () => fold.open && !list.childElementCount && load());
    return fold;
  }
}

const isFilm = (row) => row.playable === "video" && row.download;

function fileRow(file) {
  const name = file.playable ? h("a", { href: file.href, target: "_blank", rel: "noopener" }, file.name) : h("span", {}, file.name);
  const save = h("a", { href: file.download, download: "", "aria-label": t("job.download_file", { name: file.name }), title: t("job.download") }, icon("download"));
  return h("li", {}, name, h("span", { class: "muted small" }, bytes(file.size)), save);
}

function player({ playable, href, name }) {
  if (playable === "video") return h("video", { class: "deliverable-player", controls: true, preload: "metadata", playsinline: true, src: href, "aria-label": name });
  if (playable === "audio") return h("audio", { class: "deliverable-player", controls: true, preload: "metadata", src: href, "aria-label": name });
  if (playable === "picture") return h("a", { href, target: "_blank", rel: "noopener" }, h("img", { class: "deliverable-player", src: href, alt: name, loading: "lazy" }));
  return null;
}
