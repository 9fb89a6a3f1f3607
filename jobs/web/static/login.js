// Trades a token for a session: one that is typed, or one in the address' fragment, which no server ever sees.

import { post } from "./api.js";

const form = document.getElementById("login");
const field = form.elements.token;
const reveal = document.getElementById("reveal");
const says = document.getElementById("login-error");

/** Where one wanted to go: a page of ours, and nowhere else. */
function wanted() {
  const next = URL.parse(new URLSearchParams(location.search).get("next") ?? "/", location.origin);
  return next?.origin === location.origin ? next.pathname + next.search : "/";
}

async function logIn(token) {
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  says.textContent = "";
  try {
    await post("/session", { token });
    location.replace(wanted());
  } catch (problem) {
    says.textContent = problem.message;
    field.setAttribute("aria-invalid", "true");
    button.disabled = false;
    field.focus();
    field.select();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  logIn(field.value.trim());
});
field.addEventListener("input", () => field.removeAttribute("aria-invalid"));

reveal.addEventListener("click", () => {
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  reveal.setAttribute("aria-pressed", String(!isShown));
});

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  history.replaceState(null, "", location.pathname + location.search);
  logIn(given);
}
