/**
 * What went wrong with something that the page asked for by itself: said, unless all that is the matter is that
 * somebody does not answer. Then the line at the top of the page says so, and the page asks again.
 */
import { fail } from "./toast.js";

const AWAY = new Set([0, 502, 503, 504]);

/** Whether somebody who is needed does not answer now. */
export const isAway = (error) => AWAY.has(error?.status);

export function quietly(error) {
  if (!isAway(error)) fail(error);
}
