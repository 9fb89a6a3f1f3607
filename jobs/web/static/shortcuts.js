// Keys that do something, and the help that lists them. Whoever speaks to their computer can turn single keys off.

import { openDialog } from "./dialogs.js";
import { h, isTyping } from "./dom.js";
import { t } from "./i18n.js";

const KEPT = "atelier.single-keys";
const SEQUENCE_MS = 1200;

const known = [];
let before = "";
let timer = 0;

/** Whether single keys do something. */
export const isOn = () => localStorage.getItem(KEPT) !== "off";

/** Let keys do something. `keys`: as event.key has it, two parted by a space for one after the other ("g j").
 *  `says`: what the help says. `group`: the heading it stands under. Keys with `shown: false` are not listed. */
export function shortcut(keys, says, act, { group = t("common.keys.this_page"), shown = true } = {}) {
  known.push({ keys, says, act, group, shown });
}

/** Show the help. */
export function showHelp() {
  openDialog(t("common.help"), () => {
    const groups = Map.groupBy(known.filter((row) => row.shown), (row) => row.group);
    return [
      [...groups].map(([group, rows]) => [
        h("h3", { class: "keys-of" }, group),
        h("dl", { class: "keys" }, rows.map((row) => [
          h("dt", {}, row.keys.split(" ").map((key, at) => [at ? " " : "", h("kbd", {}, shownKey(key))])),
          h("dd", {}, row.says),
        ])),
      ]),
      h("label", { class: "check" }, h("input", {
        type: "checkbox",
        ".checked": isOn(),
        onchange: (event) => localStorage.setItem(KEPT, event.target.checked ? "on" : "off"),
      }), t("common.keys.single")),
    ];
  });
}

const NAMES = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", " ": "␣" };
const shownKey = (key) => NAMES[key] ?? key;

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !isOn()) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const both = before ? `${before} ${event.key}` : event.key;
  clearTimeout(timer);
  before = "";
  const found = known.find((row) => row.keys === both) ?? known.find((row) => row.keys === event.key);
  if (found) {
    event.preventDefault();
    found.act(event);
  } else if (known.some((row) => row.keys.startsWith(`${event.key} `))) {
    before = event.key;
    timer = setTimeout(() => (before = ""), SEQUENCE_MS);
  }
});
