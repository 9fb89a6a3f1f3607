// What every page has around it: language, theme, help, log out, and that files can be dropped anywhere.

import { logInAgain, mayOrder, remove } from "./api.js";
import { isTyping } from "./dom.js";
import { t } from "./i18n.js";
import { showHelp, shortcut } from "./shortcuts.js";
import { changeTheme } from "./theme.js";
import { fail } from "./toast.js";
import { takeDrops } from "./drop.js";

const A_YEAR_S = 31_536_000;
const $ = (id) => document.getElementById(id);

$("language")?.addEventListener("click", (event) => {
  document.cookie = `language=${event.currentTarget.dataset.to}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
  location.reload();
});
$("theme")?.addEventListener("click", changeTheme);
$("help")?.addEventListener("click", showHelp);
$("log-out")?.addEventListener("click", () => remove("/session").then(() => location.assign("/login"), fail));

// A menu closes when one looks elsewhere.
const account = $("account");
addEventListener("click", (event) => account?.open && !account.contains(event.target) && (account.open = false));
account?.addEventListener("focusout", (event) => event.relatedTarget && !account.contains(event.relatedTarget) && (account.open = false));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (account?.open) {
    account.open = false;
    account.querySelector("summary").focus();
  } else if (isTyping(event.target)) event.target.blur();
});

if ($("help")) {
  const everywhere = { group: t("common.keys.everywhere") };
  const go = (path) => () => location.assign(path);
  shortcut("?", t("common.help"), showHelp, everywhere);
  shortcut("g j", t("common.nav.jobs"), go("/"), everywhere);
  shortcut("g w", t("common.nav.workers"), go("/workers"), everywhere);
  shortcut("g c", t("common.nav.campaigns"), go("/campaigns"), everywhere);
  shortcut("g g", t("common.nav.gallery"), go("/gallery"), everywhere);
  if (mayOrder) shortcut("n", t("common.nav.submit"), go("/submit"), everywhere);
  shortcut("/", t("common.keys.search"), () => document.querySelector("input[type=search]")?.focus(), everywhere);
  shortcut("t", t("common.theme"), changeTheme, everywhere);
  if (mayOrder) takeDrops();
}

// A page that comes back from the browser's memory may be of somebody who has logged out since.
addEventListener("pageshow", (event) => event.persisted && fetch("/api/v1/me").then((answer) => answer.status === 401 && logInAgain()));
