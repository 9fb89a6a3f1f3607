// Numbers, times and sizes as the reader's language writes them. Nothing here touches the page.

import { locale, t } from "./i18n.js";

const NONE = "–";
const cached = new Map();

function numbers(options) {
  const key = JSON.stringify(options);
  if (!cached.has(key)) cached.set(key, new Intl.NumberFormat(locale, options));
  return cached.get(key);
}

const known = (value) => value !== null && value !== undefined && Number.isFinite(value);

/** 12,345.6 with at most so many decimals; a dash for what is not known. */
export function number(value, decimals = 0) {
  return known(value) ? numbers({ maximumFractionDigits: decimals }).format(value) : NONE;
}

/** 1.2K, 3.4M. */
export function compact(value) {
  return known(value) ? numbers({ notation: "compact", maximumFractionDigits: 1 }).format(value) : NONE;
}

/** 42% of a fraction 0..1. Only what is whole is shown as 100%. */
export function percent(fraction, decimals = 0) {
  if (!known(fraction)) return NONE;
  const scale = 10 ** (decimals + 2);
  const shown = fraction < 1 ? Math.floor(fraction * scale) / scale : 1;
  return numbers({ style: "percent", maximumFractionDigits: decimals }).format(shown);
}

/** How long: "850 ms", "12 s", "4 min 5 s", "2 h 10 min", "3 d 4 h". The two largest units tell. */
export function duration(seconds) {
  if (!known(seconds)) return NONE;
  if (seconds < 1) return unit(Math.round(seconds * 1000), "millisecond");
  const s = seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
  if (s < 60) return unit(s, "second");
  const parts = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const first = parts.findIndex(([, size]) => s >= size);
  const [big, bigSize] = parts[first];
  const [small, smallSize] = parts[first + 1] ?? [null, 1];
  let whole = Math.floor(s / bigSize);
  let rest = small ? Math.round((s - whole * bigSize) / smallSize) : 0;
  if (small && rest * smallSize >= bigSize) [whole, rest] = [whole + 1, 0];
  return rest ? `${unit(whole, big)} ${unit(rest, small)}` : unit(whole, big);
}

function unit(value, name) {
  return numbers({ style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
}

/** When it will be over, said as it is meant: roughly. */
export function eta(seconds) {
  if (!known(seconds)) return NONE;
  const step = seconds < 60 ? 5 : seconds < 600 ? 15 : seconds < 7200 ? 60 : 600;
  return duration(Math.max(step, Math.round(seconds / step) * step));
}

/** Frames a second, or seconds a frame where those are more. `noun`: what a frame is called. */
export function rate(perSecond) {
  if (!known(perSecond) || perSecond <= 0) return NONE;
  if (perSecond >= 0.5) return t("common.per_second", { rate: number(perSecond, perSecond < 10 ? 2 : 1) });
  return t("common.seconds_each", { seconds: number(1 / perSecond, 1) });
}

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"];

/** 1.4 GB; decimal units, as file managers and shops have them. */
export function bytes(count) {
  if (!known(count)) return NONE;
  const step = Math.min(SIZES.length - 1, count < 1 ? 0 : Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** step;
  return numbers({ style: "unit", unit: SIZES[step], unitDisplay: "short", maximumFractionDigits: value < 10 && step ? 1 : 0 }).format(value);
}

/** What it costs, in the currency that the farm's price is in; which one that is, nobody told us. */
export function money(value) {
  return known(value) ? numbers({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value) : NONE;
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
const relativeDays = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const STEPS = [["year", 31557600], ["month", 2629800], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

/** "5 minutes ago", "in 3 hours", "yesterday" of a moment in seconds since the epoch. */
export function ago(moment, now = Date.now() / 1000) {
  if (!known(moment)) return NONE;
  const away = moment - now;
  if (Math.abs(away) < 45) return t(away > 0 ? "common.soon" : "common.just_now");
  const [name, size] = STEPS.find(([, size]) => Math.abs(away) >= size * 0.9) ?? STEPS.at(-1);
  // "Yesterday" is how people say it; "last week" may be any day of it.
  return (name === "day" ? relativeDays : relative).format(Math.round(away / size), name);
}

/** Date and time of a moment, on the reader's clock, or on that of `timeZone`. */
export function when(moment, { timeZone, seconds = false } = {}) {
  if (!known(moment)) return NONE;
  const options = { dateStyle: "medium", timeStyle: seconds ? "medium" : "short", timeZone };
  return new Intl.DateTimeFormat(locale, options).format(moment * 1000);
}

/** Weekday, day and time: for what comes next. */
export function nextAt(moment, timeZone) {
  if (!known(moment)) return NONE;
  const options = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone };
  return new Intl.DateTimeFormat(locale, options).format(moment * 1000);
}

/** Time of day with seconds: for logs. */
export function clock(moment) {
  if (!known(moment)) return NONE;
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(moment * 1000);
}

/** The reader's own time zone. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "a, b and c". */
export const list = (items) => new Intl.ListFormat(locale, { type: "conjunction" }).format(items);

const nouns = new Set(["frame", "portrait", "interior", "poster", "picture", "step", "preview"]);

/** "240 frames", "12 portraits": `noun` is the API's name for one frame of a job. */
export function amount(n, noun = "frame") {
  return t(`common.amount.${nouns.has(noun) ? noun : "frame"}`, { n });
}
