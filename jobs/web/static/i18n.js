// What the page says, in its reader's language. The server put the page's own texts into it, as JSON.

/** The page's language. */
export const lang = document.documentElement.lang || "en";

/** The same as the reader has it, en-GB rather than en: how dates and numbers are written depends on the country. */
export const locale = navigator.languages.find((tag) => tag.split("-")[0] === lang.split("-")[0]) ?? lang;

const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const plurals = new Intl.PluralRules(lang);
const numbers = new Intl.NumberFormat(locale);

/** A text, its `{names}` filled in; numbers are written as the language writes them.
 *
 * A text that depends on a number has its forms by plural category, and `n` chooses: t("common.amount.frame", { n: 3 }).
 * A key that is not there is shown as it is, and tests look for such.
 */
export function t(key, values = {}) {
  let text = words[key];
  if (text === undefined) {
    console.error(`no text for ${key}`);
    return key;
  }
  if (typeof text === "object") text = text[plurals.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? numbers.format(value) : String(value);
  });
}

/** Whether there is such a text: for what the server names, as states and kinds, and may name anew. */
export const has = (key) => key in words;

/** A text if there is one, else what the server called it. */
export const named = (key, fallback) => (has(key) ? t(key) : fallback);
