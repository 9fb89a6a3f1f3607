// A form for a job file, made from its JSON Schema. It holds no values of its own: what is changed is told, key by key.

import { h, icon } from "./dom.js";
import * as format from "./format.js";
import { named, t } from "./i18n.js";
import * as schemas from "./schema.js";
import { upload } from "./api.js";
import { fail } from "./toast.js";

/** Keys that a form shows at once, if the kind has them: what one asks first. The others are folded away. */
const FIRST = ["source", "content", "photograph", "painting", "paintings", "model", "clips", "style", "template", "seeds", "audiences", "locales", "sizes", "frames", "strength", "size", "truncation", "name", "images", "photos", "labels"];
const LAST = ["deliver", "output"];

const meanings = JSON.parse(document.getElementById("meanings")?.textContent || "{}");

/** What a schema says of a key, in the page's language where that is known. */
export const said = (description = "") => meanings[description] ?? description;

let ids = 0;

/** The controls for `schema`, filled with `values`. `changed(key, value)` hears each change; undefined takes a key out.
 *  `names(key)` gives what may stand there by name, as [{name, title, picture}]. */
export function makeForm(schema, values, { changed, names }) {
  const defs = schema.$defs ?? {};
  const required = new Set(schema.required ?? []);
  const all = Object.keys(schema.properties).filter((key) => key !== "kind");
  const isMain = (key) => required.has(key) || FIRST.includes(key) || LAST.includes(key);
  const rank = (key) => (LAST.includes(key) ? 100 + LAST.indexOf(key) : (required.has(key) ? 0 : 50) + (FIRST.indexOf(key) + 1 || 40));
  const main = all.filter(isMain).sort((a, b) => rank(a) - rank(b));
  const more = all.filter((key) => !isMain(key));
  const make = (key) => field(key, schemas.resolve(schema.properties[key], defs), values[key], {
    defs,
    names,
    isRequired: required.has(key),
    change: (value) => changed(key, value),
  });
  const set = more.filter((key) => values[key] !== undefined).length;
  return [
    ...main.map(make),
    more.length && h(
      "details",
      { class: "more-keys", open: set > 0 },
      h("summary", {}, t("submit.more", { n: more.length })),
      h("div", { class: "fields" }, more.map(make)),
    ),
  ];
}

/** One key: its name, its control, and what it means. */
function field(key, schema, value, room) {
  const kind = schemas.control(schema, room.defs);
  const id = `field-${(ids += 1)}`;
  const plain = key.replaceAll("_", " ");
  const label = named(`submit.key.${key}`, plain);
  // What the file calls it, where that is another word.
  const code = label.toLowerCase() !== plain && h("code", { class: "key" }, key);
  const about = meaning(schema);
  const isGroup = ["choices", "object", "objects", "map", "variants", "raw"].includes(kind);
  const control = CONTROLS[kind]({ key, schema, value, id, label, describedBy: about ? `${id}-about` : null, ...room });
  const mark = room.isRequired && h("span", { class: "required", title: t("submit.required"), "aria-hidden": "true" }, "*");
  return h(
    "div",
    { class: `field field-${kind}`, dataset: { field: key }, role: isGroup ? "group" : null, "aria-labelledby": isGroup ? `${id}-name` : null },
    isGroup ? h("span", { class: "name", id: `${id}-name` }, label, mark, code) : h("label", { for: id, class: "name" }, label, mark, code),
    control,
    about && h("p", { class: "about", id: `${id}-about` }, about),
  );
}

/** A description, with the bounds that the schema has and it does not tell. */
function meaning(schema) {
  const { minimum, maximum } = schema;
  const text = said(schema.description);
  if (minimum === undefined || maximum === undefined || /\d (?:to|至) \d/.test(text)) return text;
  return [text, t("submit.range", { from: format.number(minimum, 3), to: format.number(maximum, 3) })].filter(Boolean).join(" · ");
}

const absent = (schema) => (schema.default === undefined || schema.default === null || typeof schema.default === "object" ? "" : schemas.shown(schema.default));

// Controls, by what schemas.control calls them. Each is given {key, schema, value, id, change, defs, …}.

const CONTROLS = { choice, truth, text, number, choices: many, list: text, numbers: text, object, objects, map, variants, raw, const: raw };

function text(at) {
  const { schema, value, id, change, defs } = at;
  const offered = at.names?.(at.key) ?? [];
  const input = h("input", {
    id,
    type: "text",
    ".value": schemas.shown(value),
    placeholder: absent(schema),
    required: at.isRequired,
    "aria-describedby": at.describedBy,
    autocomplete: "off",
    spellcheck: "false",
    list: offered.length ? `${id}-names` : null,
    oninput: () => change(schemas.typed(input.value, schema, defs)),
  });
  const names = offered.length && h("datalist", { id: `${id}-names` }, offered.map((row) => h("option", { value: row.name }, row.title)));
  const tiles = offered.length && picker(offered, input);
  const file = schemas.takesFile(at.key, schema) && uploader(input, at.label);
  return [file ? h("div", { class: "with-button" }, input, file.button) : input, file?.progress, names, tiles].filter(Boolean);
}

function number(at) {
  const { schema, value, id, change } = at;
  const isWhole = schema.type === "integer";
  const input = h("input", {
    id,
    type: "number",
    inputmode: isWhole ? "numeric" : "decimal",
    ".value": schemas.shown(value),
    placeholder: absent(schema),
    min: schema.minimum ?? null,
    max: schema.maximum ?? null,
    step: isWhole ? 1 : "any",
    required: at.isRequired,
    "aria-describedby": at.describedBy,
    oninput: () => {
      change(input.value === "" ? undefined : Number(input.value));
      if (slider) slider.value = input.value || absent(schema);
    },
  });
  const spans = !isWhole && schema.minimum !== undefined && schema.maximum !== undefined && schema.maximum - schema.minimum <= 2;
  const slider = spans && h("input", {
    type: "range",
    min: schema.minimum,
    max: schema.maximum,
    step: 0.01,
    ".value": schemas.shown(value) || absent(schema) || schema.minimum,
    "aria-label": at.label,
    oninput: () => {
      input.value = slider.value;
      change(Number(slider.value));
    },
  });
  return slider ? h("div", { class: "with-slider" }, slider, input) : input;
}

function choice(at) {
  const { schema, value, id, change, defs } = at;
  const all = schemas.choices(schema, defs);
  const offered = all.some((each) => typeof each === "string") && typeof value !== "boolean" ? all.filter((each) => typeof each !== "boolean") : all;
  const called = (each) => (each === true ? t("submit.yes") : each === false ? t("submit.no") : String(each));
  const fallback = schema.default === undefined || schema.default === null ? t("submit.default") : t("submit.default_is", { value: called(schema.default) });
  const select = h(
    "select",
    { id, "aria-describedby": at.describedBy, onchange: () => change(select.value === "" ? undefined : offered[Number(select.value)]) },
    !at.isRequired && h("option", { value: "" }, fallback),
    offered.map((each, index) => h("option", { value: index, ".selected": each === value }, called(each))),
  );
  return select;
}

function truth(at) {
  if (at.schema.default === undefined || at.schema.default === null) return choice(at);
  const { schema, value, id, change } = at;
  const box = h("input", { id, type: "checkbox", ".checked": value ?? schema.default, "aria-describedby": at.describedBy, onchange: () => change(box.checked === schema.default ? undefined : box.checked) });
  return box;
}

function many(at) {
  const { schema, value, change, defs } = at;
  const offered = schemas.choices(schemas.resolve(schema.items, defs), defs);
  const chosen = new Set(value ?? schema.default ?? []);
  const toggle = (each, isOn) => {
    if (isOn) chosen.add(each);
    else chosen.delete(each);
    const now = offered.filter((one) => chosen.has(one));
    const isDefault = JSON.stringify(now) === JSON.stringify(schema.default ?? []);
    change(now.length && !isDefault ? now : undefined);
  };
  return h("div", { class: "options", "aria-describedby": at.describedBy }, offered.map((each) => h("label", { class: "option" }, h("input", { type: "checkbox", ".checked": chosen.has(each), onchange: (event) => toggle(each, event.target.checked) }), String(each))));
}

/** A mapping with known keys: the same again, further in. */
function object(at) {
  const { schema, change, defs, names } = at;
  const values = { ...(typeof at.value === "object" ? at.value : {}) };
  const required = new Set(schema.required ?? []);
  const part = ([key, each]) => field(key, schemas.resolve(each, defs), values[key], {
    defs,
    names,
    isRequired: required.has(key),
    change: (value) => {
      if (value === undefined) delete values[key];
      else values[key] = value;
      change(Object.keys(values).length ? { ...values } : undefined);
    },
  });
  const fields = Object.entries(schema.properties);
  if (at.isOpen) return h("div", { class: "fields inner" }, fields.map(part));
  // Made when it is opened: few are.
  const inside = h("div", { class: "fields inner" });
  const details = h("details", { open: at.value !== undefined && at.value !== null }, h("summary", {}, t("submit.set")), inside);
  const fill = () => details.open && !inside.childElementCount && inside.append(...fields.map(part));
  details.addEventListener("toggle", fill);
  fill();
  return details;
}

/** Any number of mappings. */
function objects(at) {
  const { schema, change, defs } = at;
  const list = schema.variants?.find((each) => each.type === "array") ?? schema;
  const inner = schemas.resolve(list.items, defs);
  const values = at.value === undefined || at.value === null ? [] : [at.value].flat();
  const rows = h("div", { class: "rows" });
  const tell = () => change(values.length ? (values.length === 1 && schema.variants ? values[0] : [...values]) : undefined);
  const draw = () => rows.replaceChildren(...values.map((value, index) => h(
    "div",
    { class: "row" },
    object({ ...at, schema: inner, value, isOpen: true, change: (now) => { values[index] = now ?? {}; tell(); } }),
    remover(() => { values.splice(index, 1); tell(); draw(); }),
  )));
  draw();
  return [rows, adder(() => { values.push({}); draw(); })];
}

/** A mapping with keys of one's own. */
function map(at) {
  const { schema, change, defs } = at;
  const inner = schemas.resolve(schemas.mapped(schema), defs);
  const pairs = Object.entries(at.value ?? {});
  const rows = h("div", { class: "rows" });
  const tell = () => {
    const now = Object.fromEntries(pairs.filter(([key, value]) => key && value !== undefined));
    change(Object.keys(now).length ? now : undefined);
  };
  const draw = () => rows.replaceChildren(...pairs.map((pair, index) => {
    const kind = schemas.control(inner, defs);
    const id = `field-${(ids += 1)}`;
    const name = h("input", { type: "text", ".value": pair[0], placeholder: t("submit.name"), "aria-label": t("submit.name"), spellcheck: "false", oninput: () => { pair[0] = name.value.trim(); tell(); } });
    return h(
      "div",
      { class: "row pair" },
      name,
      h("div", { class: "grow" }, h("label", { class: "visually-hidden", for: id }, t("submit.value")), CONTROLS[kind]({ ...at, schema: inner, value: pair[1], id, label: t("submit.value"), describedBy: null, isRequired: false, change: (value) => { pair[1] = value; tell(); } })),
      remover(() => { pairs.splice(index, 1); tell(); draw(); }),
    );
  }));
  draw();
  return [rows, adder(() => { pairs.push(["", undefined]); draw(); })];
}

/** One of several forms: first which, then that. */
function variants(at) {
  const { schema, defs, change } = at;
  const forms = schema.variants.filter((each, index, all) => !(each.type === "boolean" && all.some((other) => other.enum)));
  let at_ = Math.max(0, forms.findIndex((each) => at.value !== undefined && at.value !== null && schemas.looksLike(at.value, each, defs)));
  const inside = h("div", { class: "inside" });
  const id = `${at.id}-as`;
  const draw = (value) => {
    const form = { ...forms[at_], description: schema.description };
    const kind = schemas.control(form, defs);
    const inner = `field-${(ids += 1)}`;
    inside.replaceChildren(...[h("label", { class: "visually-hidden", for: inner }, at.label), CONTROLS[kind]({ ...at, schema: form, value, id: inner, isOpen: true, isRequired: false })].flat());
  };
  const select = h("select", { id, class: "as", "aria-label": t("submit.as", { key: at.label }), onchange: () => { at_ = Number(select.value); change(undefined); draw(undefined); } }, forms.map((form, index) => h("option", { value: index, ".selected": index === at_ }, formOf(form, defs))));
  draw(at.value);
  return [select, inside];
}

function formOf(form, defs) {
  const kind = schemas.control(form, defs);
  if (kind === "object") return named(`submit.form.${form.title}`, t("submit.form.object"));
  return t(`submit.form.${kind}`);
}

/** What no control fits: it is the file's to say. */
function raw(at) {
  return h("p", { class: "muted small" }, t(at.value === undefined ? "submit.raw" : "submit.raw_set"));
}

// Parts of controls

const adder = (act) => h("button", { type: "button", class: "plain add", onclick: act }, icon("plus"), t("submit.add"));
const remover = (act) => h("button", { type: "button", class: "plain icon-only", "aria-label": t("submit.take_out"), title: t("submit.take_out"), onclick: act }, icon("close"));

/** What may stand there by name, to be picked. */
function picker(offered, input) {
  const tiles = offered.map((row) => h(
    "button",
    { type: "button", class: "tile", "aria-pressed": String(input.value === row.name), title: row.about ?? row.title, dataset: { name: row.name }, onclick: () => { input.value = row.name; input.dispatchEvent(new Event("input")); } },
    row.picture ? h("img", { src: row.picture, alt: "", loading: "lazy", class: row.isTall ? "tall" : "" }) : null,
    h("span", {}, row.title),
  ));
  input.addEventListener("input", () => tiles.forEach((tile) => tile.setAttribute("aria-pressed", String(tile.dataset.name === input.value))));
  return h("div", { class: "tiles" }, tiles);
}

/** A file from this machine in the place of an address. */
function uploader(input, label) {
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("submit.uploading", { name: label }) });
  const says = h("span", { class: "muted small" });
  const progress = h("div", { class: "uploading", hidden: true }, bar, says);
  const choose = h("input", { type: "file", class: "visually-hidden", "aria-label": t("submit.upload_for", { key: label }), onchange: () => choose.files[0] && send(choose.files[0]) });
  const button = h("label", { class: "button icon-only file-button", title: t("submit.upload") }, icon("upload"), choose);

  async function send(file) {
    progress.hidden = false;
    const sending = upload(file, (part) => {
      bar.value = part;
      says.textContent = t("submit.sent", { part: format.percent(part), size: format.bytes(file.size) });
    });
    try {
      const { url } = await sending.promise;
      input.value = url;
      input.dispatchEvent(new Event("input"));
      says.textContent = t("submit.uploaded", { name: file.name, size: format.bytes(file.size) });
      bar.hidden = true;
    } catch (error) {
      progress.hidden = true;
      fail(error);
    } finally {
      choose.value = "";
    }
  }

  input.sendFile = send;
  return { button, progress };
}
