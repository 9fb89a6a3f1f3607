// The page of new jobs. The file is the truth: the form shows what it says and changes single keys of it.

import { get, mayOrder, post } from "./api.js";
import { debounce, h, icon, setAttr } from "./dom.js";
import { carried, isJobFile, takeFilesHere } from "./drop.js";
import { makeEditor, problemList } from "./editor.js";
import { makeForm, said } from "./form.js";
import * as format from "./format.js";
import { t } from "./i18n.js";
import { confirmed } from "./dialogs.js";
import { shortcut } from "./shortcuts.js";
import { fail, toast } from "./toast.js";
import * as yaml from "./yaml.js";

const DRAFT = "atelier.draft";
const OUTPUT = "atelier.output";
const $ = (id) => document.getElementById(id);
const once = (ask) => {
  let found;
  return () => (found ??= ask().catch((error) => ((found = undefined), fail(error), [])));
};

const kinds = once(() => get("/kinds"));
const models = once(() => get("/models"));
const templates = once(() => get("/templates"));
const loaded = new Map();

let values = {};
let shownKind = "";

// The file

const editor = makeEditor($("editor"), (text) => {
  keep(text);
  clearOutcome();
  read(text);
});

function keep(text) {
  sessionStorage.setItem(DRAFT, text);
}

/** Let the form show what was typed. A file that is no YAML yet is left alone; the form waits. */
const read = debounce(350, async (text) => {
  try {
    const found = await post("/values", { file: text });
    if (text !== editor.text) return;
    values = found.values;
    await drawForm();
  } catch (problem) {
    if (!problem.isProblem || !problem.status) return fail(problem);
    if (text === editor.text && text.trim()) showProblem(problem);
  }
});

async function open(text) {
  editor.text = text;
  keep(text);
  clearOutcome();
  try {
    values = (await post("/values", { file: text })).values;
    await drawForm({ anew: true });
  } catch (problem) {
    showProblem(problem);
  }
}

/** A fresh file of a kind. What was written to last is where the next will go, too. */
const usualOutput = (kind) => localStorage.getItem(OUTPUT) || `out/${kind}/`;
const fresh = (kind) => yaml.file({ kind, output: usualOutput(kind) });

// The form

async function drawForm({ anew = false } = {}) {
  const kind = typeof values.kind === "string" ? values.kind : "";
  for (const radio of document.querySelectorAll("[name=kind]")) radio.checked = radio.value === kind;
  const isKnown = Boolean(document.querySelector(`[name=kind][value="${CSS.escape(kind)}"]`));
  if (!isKnown) {
    $("fields").replaceChildren();
    $("about-kind").textContent = t("submit.choose_kind");
    return;
  }
  const [schema, rows] = await Promise.all([schemaOf(kind), kinds(), ...(kind === "posters" ? [templates()] : [models()])]);
  if (!schema || kind !== values.kind) return;
  $("about-kind").textContent = said(rows.find((row) => row.kind === kind)?.title);
  const open = anew || kind !== shownKind ? new Set() : openParts();
  shownKind = kind;
  const offered = await namesFor(kind);
  $("fields").replaceChildren(...makeForm(schema, values, { changed: change, names: (key) => offered[key] ?? [] }).filter(Boolean));
  for (const part of document.querySelectorAll("#fields details")) if (open.has(partName(part))) part.open = true;
}

const partName = (part) => part.closest("[data-field]")?.dataset.field ?? "";
const openParts = () => new Set([...document.querySelectorAll("#fields details[open]")].map(partName));

async function schemaOf(kind) {
  if (!loaded.has(kind)) {
    try {
      loaded.set(kind, await get(`/schema/${kind}`));
    } catch (error) {
      fail(error);
    }
  }
  return loaded.get(kind);
}

const MODEL_ROLE = { portraits: "generator", projection: "generator", interiors: "designer", motion: "mover", "train-attributes": "designer" };
const PICTURES = new Set(["starry-night", "great-wave", "the-scream", "wheat-field", "night-cafe", "shipwreck", "concert", "exhibition", "festival", "film", "opening", "product", "quote", "recruiting", "sale", "travel"]);
const pictured = (row) => ({ ...row, picture: PICTURES.has(row.name) ? `/static/pictures/${row.name}.webp` : "" });

/** What can be named in a kind's file, by key. */
async function namesFor(kind) {
  if (kind === "posters") return { template: (await templates()).map((row) => ({ ...pictured(row), isTall: true })) };
  const known = await models();
  const of = (role) => known.filter((model) => model.kind === role).map(pictured);
  return { style: kind === "film" ? of("style") : [], warm_start: of("style"), to: of("style"), model: of(MODEL_ROLE[kind]) };
}

function change(key, value) {
  if (value === undefined) delete values[key];
  else values[key] = value;
  const isMapping = !editor.text.trimStart().startsWith("{");
  editor.text = isMapping ? yaml.withKey(editor.text, key, value) : yaml.file(values);
  keep(editor.text);
  clearOutcome();
}

for (const radio of document.querySelectorAll("[name=kind]")) {
  radio.addEventListener("change", () => open(Object.keys(values).length > 2 && values.kind ? otherKind(radio.value) : fresh(radio.value)));
}

/** The same file as another kind: what both have stays. */
function otherKind(kind) {
  const shared = ["output", "priority", "notify", "schedule", "label"];
  if (values.output === usualOutput(values.kind)) values.output = usualOutput(kind);
  return yaml.file({ kind, ...Object.fromEntries(shared.filter((key) => key in values).map((key) => [key, values[key]])) });
}

// What comes of it

function clearOutcome() {
  $("outcome").replaceChildren();
  editor.mark([]);
}

function showProblem(problem) {
  const lines = problem.errors?.map((each) => each.line).filter(Boolean) ?? [];
  const line = /\bline (\d+)/.exec(problem.message);
  editor.mark(lines.length || !line ? lines : [Number(line[1])]);
  $("outcome").replaceChildren(h("div", { class: "verdict", dataset: { tone: "bad" } }, h("h3", {}, icon("warning"), t("submit.wrong", { n: Math.max(1, problem.errors?.length ?? 1) })), problemList({ errors: problem.errors ?? [], message: problem.message }, (at) => editor.goTo(at))));
}

function showCheck(found) {
  const facts = [
    [t("submit.makes"), [format.amount(found.frames, found.noun), found.extent].filter((each) => each && each !== `frames 1-${found.frames}`).join(" · ")],
    [t("submit.chunks"), format.number(found.chunks)],
    [t("submit.deliver"), found.deliver.join(", ")],
    [t("submit.to"), found.output],
    [t("submit.with"), [found.style, ...found.models].filter((each, at, all) => each && all.indexOf(each) === at).join(", ")],
  ];
  $("outcome").replaceChildren(h(
    "div",
    { class: "verdict", dataset: { tone: "good" } },
    h("h3", {}, icon("check"), t("submit.right")),
    h("dl", {}, facts.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    found.notes.length > 0 && h("ul", {}, found.notes.map((note) => h("li", {}, note))),
  ));
}

async function busy(button, act) {
  button.disabled = true;
  setAttr(button, "aria-busy", "true");
  try {
    await act();
  } catch (problem) {
    if (problem.status === 422) showProblem(problem);
    else fail(problem);
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

const check = () => busy($("check"), async () => {
  clearOutcome();
  showCheck(await post("/checks", { file: editor.text }));
  $("outcome").scrollIntoView({ block: "nearest" });
});

const send = () => busy($("send"), async () => {
  clearOutcome();
  let made = await post("/jobs", { file: editor.text });
  if (!made.created) {
    const again = await confirmed(t("submit.known"), t("submit.known.sentence", { job: made.job }), t("submit.known.again"), { danger: false });
    if (again) made = await post("/jobs", { file: editor.text, again: true });
  }
  sessionStorage.removeItem(DRAFT);
  if (typeof values.output === "string") localStorage.setItem(OUTPUT, values.output);
  location.assign(`/jobs/${made.job}`);
});

$("check")?.addEventListener("click", check);
$("send")?.addEventListener("click", send);
$("copy").addEventListener("click", () => navigator.clipboard.writeText(editor.text).then(() => toast(t("common.copied")), fail));
$("save").addEventListener("click", () => {
  const link = h("a", { href: URL.createObjectURL(new Blob([editor.text], { type: "application/yaml" })), download: `${values.kind || "job"}.yaml` });
  link.click();
  URL.revokeObjectURL(link.href);
});
$("form").addEventListener("submit", (event) => event.preventDefault());

// Files

async function take(files) {
  const file = files.find(isJobFile);
  if (file) return open(await file.text());
  if (!mayOrder) return;
  if (!shownKind) await open(fresh("film"));
  const place = document.querySelector("#fields .field-text input[type=text]:is([id])") && [...document.querySelectorAll("#fields input[type=text]")].find((input) => input.sendFile);
  if (!place) return toast(t("submit.no_place"), { tone: "bad" });
  place.scrollIntoView({ block: "center" });
  place.sendFile(files[0]);
}

takeFilesHere(take);
$("open").addEventListener("change", (event) => {
  take([...event.target.files]);
  event.target.value = "";
});

if (mayOrder) shortcut("c", t("submit.check"), check);

// What it begins with: what was asked for by the address, what was dropped elsewhere, or what was being written.

async function begin() {
  const asked = new URLSearchParams(location.search);
  const path = asked.get("job") ? `/jobs/${asked.get("job")}/file` : asked.get("more") ? `/gallery/${asked.get("more")}/more` : "";
  const brought = carried();
  if (brought) return open(brought.text);
  if (path) {
    history.replaceState(null, "", "/submit");
    try {
      return open((await get(path)).file);
    } catch (error) {
      fail(error);
      return open(fresh("film"));
    }
  }
  if (asked.get("kind")) return open(fresh(asked.get("kind")));
  return open(sessionStorage.getItem(DRAFT) || fresh("film"));
}

await begin();
