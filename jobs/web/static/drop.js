// A job file or a film that is dropped anywhere becomes a new job, on the page for that.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { toast } from "./toast.js";

const LONGEST_FILE = 256_000;
export const isJobFile = (file) => /\.ya?ml$/i.test(file.name);

/** What this page does with dropped files; else the page of new jobs is opened with them. */
let taker = null;
export const takeFilesHere = (act) => (taker = act);

/** Listen for files anywhere on the page. */
export function takeDrops() {
  let veil = null;
  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const clear = () => {
    veil?.remove();
    veil = null;
    depth = 0;
  };
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    veil ??= document.body.appendChild(h("div", { class: "drop-veil" }, h("div", {}, icon("upload"), " ", t("common.drop"))));
  });
  addEventListener("dragleave", (event) => carriesFiles(event) && --depth <= 0 && clear());
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    clear();
    const files = [...event.dataTransfer.files];
    if (files.length) (taker ?? carryOver)(files);
  });
}

/** A job file goes to the page of new jobs by way of the session's storage; a film is too large for that. */
async function carryOver(files) {
  const file = files.find(isJobFile);
  if (!file || file.size > LONGEST_FILE) {
    toast(t("common.drop_there"), { undo: { label: t("common.nav.submit"), act: () => location.assign("/submit") } });
    return;
  }
  carryFile(await file.text(), file.name);
}

const KEPT = "atelier.file";

/** Open the page of new jobs with this job file in it. */
export function carryFile(text, name = "") {
  sessionStorage.setItem(KEPT, JSON.stringify({ text, name }));
  location.assign("/submit");
}

/** The job file that was brought along, once. */
export function carried() {
  const found = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  return found ? JSON.parse(found) : null;
}
