// Short news at the page's edge: what was done, with a way back, and what went wrong.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const SHOWN_MS = 6000;

/** Show a sentence. `undo`: {label, act} gives a button; `tone`: "bad" stays until it is closed. Gives a function that closes it. */
export function toast(sentence, { undo, tone = "" } = {}) {
  const close = () => box.remove();
  const box = h(
    "div",
    { class: "toast", dataset: { tone, testid: "toast" }, role: tone === "bad" ? "alert" : null },
    h("p", { class: "grow" }, sentence),
    undo && h("button", { type: "button", class: "plain", onclick: () => { close(); undo.act(); } }, undo.label),
    h("button", { type: "button", class: "plain icon-only", "aria-label": t("common.close"), onclick: close }, icon("close")),
  );
  const place = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  const toasts = document.getElementById("toasts");
  // A modal dialog makes everything outside of it deaf; what is said then is said within.
  if (toasts.parentElement !== place) place.append(toasts);
  toasts.append(box);
  while (toasts.childElementCount > 4) toasts.firstElementChild.remove();
  if (tone !== "bad") setTimeout(close, undo ? SHOWN_MS * 1.5 : SHOWN_MS);
  return close;
}

/** Show what went wrong, in the API's own sentence. */
export function fail(error) {
  if (error?.name === "AbortError") return;
  if (!error?.isProblem) console.error(error);
  toast(error?.message || t("common.no_answer"), { tone: "bad" });
}
