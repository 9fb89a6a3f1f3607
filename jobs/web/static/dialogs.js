// Dialogs: a question before what cannot be undone, and the help.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

/** Open a dialog with a heading. `make(close)` gives its content. Gives a promise of what `close` was called with;
 *  undefined if it was left by Escape. */
export function openDialog(heading, make, { wide = false } = {}) {
  return new Promise((resolve) => {
    let given;
    const close = (value) => {
      given = value;
      dialog.close();
    };
    const id = `dialog-${Math.random().toString(36).slice(2)}`;
    const dialog = h(
      "dialog",
      { "aria-labelledby": id, class: wide ? "wide" : "" },
      h(
        "div",
        { class: "dialog" },
        h(
          "div",
          { class: "dialog-head" },
          h("h2", { id }, heading),
          h("button", { type: "button", class: "plain icon-only", "aria-label": t("common.close"), onclick: () => close() }, icon("close")),
        ),
        make(close),
      ),
    );
    dialog.addEventListener("close", () => {
      // Toasts may have moved in here.
      const toasts = document.getElementById("toasts");
      if (dialog.contains(toasts)) document.body.append(toasts);
      dialog.remove();
      resolve(given);
    });
    dialog.addEventListener("click", (event) => event.target === dialog && close());
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Ask before something is done. Gives whether it shall be. */
export async function confirmed(heading, sentence, action, { danger = true } = {}) {
  const answer = await openDialog(heading, (close) => [
    h("p", {}, sentence),
    h(
      "div",
      { class: "dialog-foot" },
      // Whoever presses Enter without reading loses nothing.
      h("button", { type: "button", autofocus: danger, onclick: () => close(false) }, t("common.leave_it")),
      h("button", { type: "button", class: danger ? "danger" : "primary", dataset: { testid: "confirm" }, autofocus: !danger, onclick: () => close(true) }, action),
    ),
  ]);
  return answer === true;
}
