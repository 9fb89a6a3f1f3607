// Dark or light: as the system has it, until somebody chooses. The choice is a cookie, so that no page flashes.

const A_YEAR_S = 31_536_000;
const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** Which one is shown. */
export const theme = () => root.dataset.theme || (systemIsDark.matches ? "dark" : "light");

/** Show the other one, and remember it. What draws by itself hears `themechange` on the window. */
export function changeTheme() {
  root.dataset.theme = theme() === "dark" ? "light" : "dark";
  document.querySelector("meta[name=color-scheme]").content = root.dataset.theme;
  document.cookie = `theme=${root.dataset.theme}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
  dispatchEvent(new Event("themechange"));
}

systemIsDark.addEventListener("change", () => dispatchEvent(new Event("themechange")));

/** Design tokens as they are now, as a canvas takes them: colours("--bg", "--state-done") → ["rgb(…)", "rgb(…)"]. */
export function colours(...names) {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}
