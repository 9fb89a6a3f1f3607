/**
 * The page of a job: asks what it is, follows how it stands, and tells its parts, a module each.
 */
import { get } from "./api.js";
import { follow } from "./live.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { shortcut } from "./shortcuts.js";
import { inAddress } from "./job-address.js";
import { toast } from "./toast.js";
import { isAway, quietly } from "./job-quiet.js";
import { Head } from "./job-head.js";
import { WallPanel } from "./job-wall.js";
import { FrameView } from "./job-frame.js";
import { Preview } from "./job-preview.js";
import { Deliverables } from "./job-deliver.js";
import { Shots } from "./job-shots.js";
import { Why } from "./job-why.js";
import { Tabs } from "./job-tabs.js";
import { ChunksTab } from "./job-chunks.js";
import { LogTab } from "./job-log.js";
import { FileTab } from "./job-file.js";

const AGAIN_MS = 5000;
const article = document.getElementById("job");

async function begin() {
  const asked = article.dataset.job;
  const job = await get(`/jobs/${encodeURIComponent(asked)}`);
  const page = { job, path: `/jobs/${encodeURIComponent(job.job)}`, root: `/api/v1/jobs/${encodeURIComponent(job.job)}` };
  // A job may be asked for by the beginning of its name; what is bookmarked should be all of it.
  if (asked !== job.job) history.replaceState(null, "", page.path + location.hash);
  document.querySelector("[data-testid=job-name]").textContent = job.job;

  const frames = new FrameView(page);
  page.wall = new WallPanel(page, { open: (frame) => frames.open(frame) });
  frames.follow(page.wall);
  const preview = new Preview(page);
  const deliverables = new Deliverables(page, { plays: () => preview.retire() });
  const parts = [new Head(page), page.wall, frames, preview, deliverables, new Shots(page), new Why(page)];
  const chunks = new ChunksTab(page);
  const tabs = new Tabs({ chunks, log: new LogTab(page), file: new FileTab(page) });
  parts.push(tabs);

  page.tell = (status) => {
    const before = page.job;
    page.job = { ...page.job, ...status };
    for (const part of parts) part.stands?.(page.job, before);
  };
  page.tell({});
  shortcut("w", t("wall.to"), () => page.wall.focus());
  // Where Redis is away there may be no wall for a while; the events bring it.
  await page.wall.load().catch(quietly);
  frames.openFromAddress();
  const toChunk = () => openChunk(page, tabs, chunks).catch(quietly);
  addEventListener("hashchange", toChunk);
  toChunk();

  follow(`${page.path}/events`, {
    status: page.tell,
    wall: (news) => {
      const touched = page.wall.news(news);
      if (touched?.size) tabs.wallChanged(touched);
    },
    trouble: (sentence) => {
      page.trouble = sentence;
      if (!sentence) page.tell({});
    },
    gone: (sentence) => leave(t("job.gone"), sentence),
  });
}

/** Open the chunk that the address names, if it names one: in the table, and on the wall. */
async function openChunk({ wall, job }, tabs, chunks) {
  const asked = inAddress("chunk");
  if (asked === null || !wall.model) return;
  const chunk = /^\d{1,8}$/.test(asked) ? Number(asked) : Infinity;
  if (chunk >= wall.model.chunks) {
    history.replaceState(null, "", location.pathname + location.search);
    toast(t("job.no_such_chunk", { number: asked.slice(0, 40), last: String(wall.model.chunks - 1) }), { tone: "bad" });
    return;
  }
  tabs.showNamed("chunks");
  wall.lookAt(wall.model.spanOf(chunk)[0]);
  await chunks.beginWith(chunk);
}

/** There is nothing to look at: the job was deleted meanwhile, or never was. */
function leave(title, sentence) {
  article.replaceChildren(
    h(
      "section",
      { class: "card empty", role: "status", dataset: { testid: "job-gone" } },
      h("h1", {}, title),
      h("p", {}, sentence),
      h("a", { class: "button", href: "/" }, t("job.to_all")),
    ),
  );
  document.querySelector("dialog[open]")?.close();
}

/** The page cannot even begin. */
function despair(error) {
  if (error.status === 404) return leave(t("job.none"), error.message);
  if (!error.isProblem) console.error(error);
  if (isAway(error)) setTimeout(() => location.reload(), AGAIN_MS);
  article.replaceChildren(
    h(
      "section",
      { class: "card empty", role: "alert", dataset: { testid: "job-trouble" } },
      h("h1", {}, article.dataset.job),
      h("p", {}, error.message),
      h("button", { type: "button", class: "primary", onclick: () => location.reload() }, t("job.try_again")),
    ),
  );
}

begin().catch(despair);
