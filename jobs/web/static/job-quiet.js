/**
 * What went wrong with something that the page asked for by itself: said, unless all that is the matter is that
 * somebody does not answer. Then the line at the top of the page says so, and the page asks again.
 */
import { fail } from "./toast.js";

const AWAY = new Set([0, 502, 503, 504]);

export function quietly(error) {
  if (!AWAY.has(error?.status)) fail(error);
}
