/**
 * The job file as it was submitted, and submitting it again with changes: checked before, with the line of each problem.
 */
import { get, mayOrder, post } from "./api.js";
import { fail, toast } from "./toast.js";
import { h, icon } from "./dom.js";
import { amount } from "./format.js";
import { t } from "./i18n.js";

export class FileTab {
  constructor(page) {
    this.page = page;
  }

  shown(panel) {
    if (this.panel) return;
    this.panel = panel;
    this.#load().catch((error) => {
      this.panel = null;
      fail(error);
    });
  }

  async #load() {
    const { file } = await get(`${this.page.path}/file`);
    this.file = file;
    this.#show();
  }

  #show() {
    const copy = h("button", { type: "button", onclick: () => this.#copy() }, icon("copy"), t("common.copy"));
    const change = h("button", { type: "button", class: "primary", dataset: { testid: "file-change" }, onclick: () => this.#edit() }, icon("redo"), t("job.again"));
    this.panel.replaceChildren(
      h("div", { class: "filters" }, copy, mayOrder && change),
      h("pre", { class: "job-yaml", tabindex: "0", dataset: { testid: "file" }, "aria-label": t("job.file") }, this.file),
    );
  }

  #edit() {
    const text = h("textarea", { class: "job-yaml", rows: String(Math.min(30, this.file.split("\n").length + 2)), spellcheck: "false", "aria-label": t("job.file"), "aria-describedby": "file-says", dataset: { testid: "file-text" } });
    text.value = this.file;
    const says = h("div", { id: "file-says", role: "status", class: "file-says" });
    const check = h("button", { type: "button", onclick: () => this.#check(text.value, says) }, icon("check"), t("job.check"));
    const submit = h("button", { class: "primary", dataset: { testid: "file-submit" } }, t("job.submit"));
    const form = h("form", { class: "file-form" },
      h("p", { class: "muted" }, t("job.again_says")), text, says,
      h("div", { class: "filters" }, submit, check, h("button", { type: "button", class: "plain", onclick: () => this.#show() }, t("common.leave_it"))),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(text, says, submit);
    });
    this.panel.replaceChildren(form);
    text.focus();
  }

  async #check(file, says) {
    try {
      const plan = await post("/checks", { file });
      says.replaceChildren(h("p", {}, icon("check"), " ", t("job.checked", { frames: amount(plan.frames), n: plan.chunks, output: plan.output })), ...(plan.notes ?? []).map((note) => h("p", { class: "muted small" }, note)));
    } catch (error) {
      problems(says, error);
    }
  }

  async #submit(text, says, button) {
    button.disabled = true;
    try {
      const { job, created } = await post("/jobs", { file: text.value });
      if (created || job !== this.page.job.job) location.assign(`/jobs/${encodeURIComponent(job)}`);
      else says.replaceChildren(h("p", {}, t("job.same")));
    } catch (error) {
      problems(says, error);
    } finally {
      button.disabled = false;
    }
  }

  async #copy() {
    await navigator.clipboard?.writeText(this.file).catch(() => null);
    toast(t("common.copied"));
  }
}

function problems(box, error) {
  const rows = error.errors?.length ? error.errors : [{ message: error.message }];
  box.replaceChildren(h("ul", { class: "error" }, rows.map(({ line, message }) => h("li", {}, line ? `${t("job.line", { line: String(line) })}: ${message}` : message))));
}
