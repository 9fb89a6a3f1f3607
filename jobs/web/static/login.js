// Trades a token for a session: one that is typed, or one in the address' fragment, which no server ever sees.
const form = document.getElementById("login");

async function logIn(token) {
  const answer = await fetch("/api/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (answer.ok) location.replace("/");
  else form.querySelector("[role=alert]").textContent = (await answer.json()).detail;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  logIn(form.elements.token.value);
});

const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  history.replaceState(null, "", "/login");
  logIn(given);
}
