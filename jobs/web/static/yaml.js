// Writes YAML, and changes single keys of a job file without touching the rest of it: comments stay where they are.
// Reading it is the API's, so that there is one opinion on what a file says.

const WIDTH = 76;

/** Texts that YAML 1.1 takes for something else: numbers, truth, nothing, dates, minutes and seconds. */
const TAKEN = /^(?:y|n|yes|no|on|off|true|false|null|~|[-+]?[.\d][\d_.,:eE+xXobA-Fa-f-]*|[-+]?\.(?:inf|nan))$/i;
const RANGE = /^\d+-\d+(?:, ?\d+(?:-\d+)?)*$|^\d+(?:, ?\d+-\d+)+$|^\d+x\d+$/;
const PLAIN = /^[\p{L}\p{N}_./~$(][\p{L}\p{N}_./~$()@%+=; -]*(?::[\p{L}\p{N}_./~$()@%+=;-][\p{L}\p{N}_./~$()@%+=; -]*)*$/u;

function scalar(value, isFlow) {
  if (value === null || value === undefined) return "null";
  // YAML 1.1 knows 1.0e-9 and no 1e-9.
  if (typeof value !== "string") return String(value).replace(/^(-?\d+)e/, "$1.0e");
  const isRange = RANGE.test(value) && !(isFlow && value.includes(","));
  const isPlain = PLAIN.test(value) && !value.endsWith(" ") && !TAKEN.test(value);
  return isRange || isPlain ? value : quoted(value);
}

/** As JSON, whose strings are YAML's but for some line breaks and invisible characters. */
const quoted = (text) => JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (each) => `\\u${each.codePointAt(0).toString(16).padStart(4, "0")}`);

function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.entries(value).map(([key, each]) => `${name(key)}: ${flow(each)}`).join(", ")}}`;
  }
  return scalar(value, true);
}

/** Several lines of print, which stand as they are. */
const BLOCK = /^(?=[^\s])[^\t\r\u007f-\u009f\u2028\u2029\ufeff\0-\x08\v\f\x0e-\x1f]*\n[^\t\r\u007f-\u009f\u2028\u2029\ufeff\0-\x08\v\f\x0e-\x1f]*[^\s]$/;

/** A key. Whole numbers stay such: a film's shots are called 2, not "2". */
const name = (key) => (/^(?:0|[1-9]\d{0,8})$/.test(key) ? key : scalar(key, true));

/** A key and its value as lines, ended by a line break. */
export function entry(key, value, indent = "") {
  const head = `${indent}${name(key)}:`;
  if (value === null || typeof value !== "object") {
    if (typeof value === "string" && BLOCK.test(value)) return `${head} |-\n${value.split("\n").map((line) => (line ? `${indent}  ${line}` : "")).join("\n")}\n`;
    return `${head} ${scalar(value, false)}\n`;
  }
  const short = `${head} ${flow(value)}\n`;
  if (short.length <= WIDTH || !Object.keys(value).length) return short;
  if (!Array.isArray(value)) return `${head}\n${Object.entries(value).map(([inner, each]) => entry(inner, each, `${indent}  `)).join("")}`;
  return `${head}\n${value.map((each) => item(each, `${indent}  `)).join("")}`;
}

function item(value, indent) {
  const short = `${indent}- ${flow(value)}\n`;
  if (short.length <= WIDTH || value === null || typeof value !== "object" || Array.isArray(value)) return short;
  const lines = Object.entries(value).map(([inner, each]) => entry(inner, each, `${indent}  `)).join("");
  return `${indent}- ${lines.slice(indent.length + 2)}`;
}

/** A whole file. */
export const file = (values) => Object.entries(values).map(([key, value]) => entry(key, value)).join("");

/** Where a key at the top of a file has its lines: [first, after], or null. */
export function place(text, key) {
  const lines = text.split("\n");
  const head = new RegExp(`^(?:${escaped(key)}|"${escaped(key)}"|'${escaped(key)}')\\s*:(?:\\s|$)`);
  const first = lines.findIndex((line) => head.test(line));
  if (first < 0) return null;
  let after = first + 1;
  while (after < lines.length && /^(?:\s|-|#|$)/.test(lines[after])) after += 1;
  // Comments and empty lines before the next key are the next key's.
  while (after > first + 1 && /^(?:#|\s*$)/.test(lines[after - 1])) after -= 1;
  return [first, after];
}

/** The file with a key at its top set to a value, or taken out if that is undefined. */
export function withKey(text, key, value) {
  const lines = text.split("\n");
  const found = place(text, key);
  const written = value === undefined ? [] : entry(key, value).trimEnd().split("\n");
  if (found) lines.splice(found[0], found[1] - found[0], ...written);
  else if (written.length) {
    while (lines.length && !lines.at(-1).trim()) lines.pop();
    lines.push(...written, "");
  }
  return lines.join("\n");
}

const escaped = (key) => key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
