// A place to write a job file, with its lines numbered and its problems at their lines.

import { h } from "./dom.js";
import { t } from "./i18n.js";

/** An editor within `parent`. `changed(text)` hears what is typed. */
export function makeEditor(parent, changed) {
  const gutter = h("div", { class: "gutter", "aria-hidden": "true" });
  const area = h("textarea", {
    "aria-labelledby": "file-heading",
    "aria-describedby": "outcome",
    spellcheck: "false",
    autocapitalize: "none",
    autocomplete: "off",
    wrap: "off",
    dataset: { testid: "yaml" },
  });
  let wrong = new Set();

  function number() {
    const count = area.value.split("\n").length;
    area.rows = Math.max(14, Math.min(40, count + 1));
    gutter.replaceChildren(...Array.from({ length: count }, (_, at) => h("span", { class: wrong.has(at + 1) ? "wrong" : "" }, String(at + 1))));
    gutter.scrollTop = area.scrollTop;
  }

  area.addEventListener("input", () => {
    wrong = new Set();
    number();
    changed(area.value);
  });
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  area.addEventListener("keydown", (event) => {
    // Tab leaves, as everywhere: nobody who has only a keyboard is caught in here.
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
    const line = area.value.slice(0, area.selectionStart).split("\n").at(-1);
    const indent = /^ */.exec(line)[0] + (/:\s*$/.test(line) && line.trim() ? "  " : "");
    if (!indent) return;
    event.preventDefault();
    area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input"));
  });
  parent.append(h("div", { class: "editor" }, gutter, area));

  return {
    get text() {
      return area.value;
    },
    set text(value) {
      if (area.value === value) return;
      area.value = value;
      wrong = new Set();
      number();
    },
    /** Mark these lines, from 1, as wrong. */
    mark(lines) {
      wrong = new Set(lines);
      area.setAttribute("aria-invalid", String(lines.length > 0));
      if (!lines.length) area.removeAttribute("aria-invalid");
      number();
    },
    /** Go to a line, from 1. */
    goTo(line) {
      const lines = area.value.split("\n");
      const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      area.focus();
      area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
      area.scrollTop = (line - 4) * (area.scrollHeight / lines.length);
    },
  };
}

/** Problems as a list whose lines lead to their place. */
export function problemList(problem, goTo) {
  const places = problem.errors.length ? problem.errors : [{ message: problem.message, line: null }];
  return h(
    "ul",
    { class: "problems" },
    places.map(({ message, line }) => h(
      "li",
      {},
      line && h("button", { type: "button", class: "plain line", onclick: () => goTo(line) }, t("submit.line", { line: String(line) })),
      h("span", {}, message),
    )),
  );
}
