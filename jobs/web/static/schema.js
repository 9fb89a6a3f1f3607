// Reads JSON Schemas as pydantic writes them: what a value may be, and which control suits it. Draws nothing.

/** A part of a schema without references and without `null`: {…, variants} where it may be one of several things. */
export function resolve(part, defs) {
  let found = part ?? {};
  if (found.$ref) found = { ...defs[found.$ref.split("/").at(-1)], ...without(found, "$ref") };
  const choices = found.anyOf ?? found.oneOf;
  if (!choices) return found;
  const variants = choices.map((each) => resolve(each, defs)).filter((each) => each.type !== "null").flatMap((each) => each.variants ?? [each]);
  const shared = without(without(found, "anyOf"), "oneOf");
  return variants.length === 1 ? { ...variants[0], ...shared } : { ...shared, variants };
}

const without = (object, key) => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

/** What a value of this may be, in one word: which control shows it. */
export function control(schema, defs) {
  if (schema.variants) return controlOfVariants(schema.variants, defs);
  if (schema.const !== undefined) return "const";
  if (schema.enum) return "choice";
  if (schema.type === "boolean") return "truth";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "string") return "text";
  if (schema.type === "array") return controlOfList(schema, defs);
  if (schema.type === "object") return schema.properties ? "object" : mapped(schema) ? "map" : "raw";
  return "raw";
}

function controlOfVariants(variants, defs) {
  const kinds = new Set(variants.map((each) => control(each, defs)));
  const are = (...names) => [...kinds].every((kind) => names.includes(kind));
  if (are("choice", "truth", "const") && kinds.size) return "choice";
  if (are("text", "number", "list", "numbers", "choice", "const")) return "text";
  if (are("object", "objects") && kinds.has("objects")) return "objects";
  return "variants";
}

function controlOfList(schema, defs) {
  if (schema.prefixItems) return "numbers";
  const kind = control(resolve(schema.items, defs), defs);
  if (kind === "choice") return "choices";
  return kind === "text" || kind === "number" ? "list" : kind === "object" ? "objects" : "raw";
}

/** The schema of a mapping's values, if it is one with free keys. */
export function mapped(schema) {
  const free = schema.additionalProperties;
  if (free && typeof free === "object") return free;
  return schema.patternProperties ? Object.values(schema.patternProperties)[0] : null;
}

/** Everything a choice may be. */
export function choices(schema, defs) {
  if (schema.variants) return schema.variants.flatMap((each) => choices(each, defs));
  if (schema.enum) return schema.enum;
  if (schema.const !== undefined) return [schema.const];
  return schema.type === "boolean" ? [true, false] : [];
}

/** Whether a value is of this form, at a glance: which of several variants a file has taken. */
export function looksLike(value, schema, defs) {
  if (schema.variants) return schema.variants.some((each) => looksLike(value, each, defs));
  if (Array.isArray(value)) return schema.type === "array";
  if (value !== null && typeof value === "object") return schema.type === "object";
  if (typeof value === "boolean") return schema.type === "boolean" || choices(schema, defs).includes(value);
  if (typeof value === "number") return schema.type === "number" || schema.type === "integer";
  if (schema.enum || schema.const !== undefined) return choices(schema, defs).includes(value);
  return schema.type === "string";
}

/** What somebody typed, as the schema wants it: a number where a number may stand, a list where only that may. */
export function typed(text, schema, defs) {
  const value = text.trim();
  if (!value) return undefined;
  const forms = schema.variants ?? [schema];
  const types = new Set(forms.map((each) => each.type));
  if (types.has("array") && !types.has("string")) {
    const items = resolve(forms.find((each) => each.type === "array").items ?? { type: "number" }, defs);
    return value.split(",").map((each) => each.trim()).filter(Boolean).map((each) => (items.type === "string" ? each : asNumber(each)));
  }
  if ((types.has("number") || types.has("integer")) && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(value)) return Number(value);
  return value;
}

const asNumber = (text) => (Number.isFinite(Number(text)) ? Number(text) : text);

/** A value as somebody would type it. */
export function shown(value) {
  if (value === undefined || value === null) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** Whether a text may be the address of a file that can be uploaded. */
export function takesFile(name, schema) {
  if (name === "output" || /folder, or s3/.test(schema.description ?? "")) return false;
  return /\bpaths?\b|s3:\/\/|\bfile of\b|CSV|\bmask\b|\.npz|a photograph\b/.test(schema.description ?? "");
}
