/**
 * Asks before what cannot be taken back.
 */
import { h } from "./dom.js";
import { t } from "./i18n.js";

/** Whether the reader says yes. `tone`: the class of the button that does it. */
export function confirm({ title, says, yes, tone }) {
  return new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { "aria-labelledby": "confirm-title", "aria-describedby": "confirm-says", dataset: { testid: "confirm" } },
      h(
        "form",
        { method: "dialog", class: "dialog" },
        h("h2", { id: "confirm-title" }, title),
        h("p", { id: "confirm-says" }, says),
        h(
          "div",
          { class: "dialog-foot" },
          h("button", { value: "no", class: "plain" }, t("job.keep")),
          h("button", { value: "yes", class: tone, dataset: { testid: "confirm-yes" } }, yes),
        ),
      ),
    );
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
