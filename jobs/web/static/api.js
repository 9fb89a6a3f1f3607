// Asks the API, and turns whatever goes wrong into a sentence.

import { t } from "./i18n.js";

export const ROOT = "/api/v1";

/** What the API says went wrong (RFC 9457): `message` is one sentence, `errors` the single places of it. */
export class Problem extends Error {
  isProblem = true;

  constructor(status, { title = "", detail = "", errors = [] } = {}) {
    super(detail || title || t("common.no_answer"));
    this.status = status;
    this.errors = errors;
  }
}

/** Go to the login page, and come back here afterwards. */
export function logInAgain() {
  if (document.documentElement.dataset.page === "login") return;
  const here = location.pathname + location.search;
  location.replace(here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`);
}

/** Ask for something below /api/v1; gives the parsed answer. `query`: empty values are left out; `body` is sent as JSON.
 *  Throws a Problem; where nobody answers, one of status 0. */
export async function ask(method, path, { query, body, signal } = {}) {
  const url = new URL(ROOT + path, location.origin);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, { detail: t("common.no_answer") });
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  throw await problemOf(answer);
}

async function problemOf(answer) {
  if (answer.status === 401) logInAgain();
  let told = {};
  try {
    told = await answer.json();
  } catch {
    told = { detail: t("common.odd_answer", { status: answer.status }) };
  }
  return new Problem(answer.status, told);
}

export const get = (path, query, signal) => ask("GET", path, { query, signal });
export const post = (path, body) => ask("POST", path, { body });
export const put = (path, body) => ask("PUT", path, { body });
export const remove = (path) => ask("DELETE", path);

/** Send a file to the storage. `progress` hears 0..1. Gives {promise, cancel}; the promise holds the API's {url, size, sha256}. */
export function upload(file, progress = () => {}) {
  // fetch does not tell how much it has sent.
  const request = new XMLHttpRequest();
  const promise = new Promise((resolve, reject) => {
    request.open("PUT", `${ROOT}/uploads/${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => progress(event.lengthComputable ? event.loaded / event.total : 0));
    request.addEventListener("load", () => {
      if (request.status === 401) logInAgain();
      if (request.status < 300) resolve(request.response);
      else reject(new Problem(request.status, request.response ?? {}));
    });
    request.addEventListener("error", () => reject(new Problem(0, { detail: t("common.no_answer") })));
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    request.send(file);
  });
  return { promise, cancel: () => request.abort() };
}

/** Who looks: {name, role}. */
export const me = JSON.parse(document.getElementById("me")?.textContent || '{"name":"","role":"viewer"}');
export const mayOrder = me.role === "operator";
