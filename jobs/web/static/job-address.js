/**
 * What the address of a job's page names beside the job: #frame=120 or #chunk=7, so that it can be shared.
 */

/** What stands after `#NAME=`, as it was written; null if the address names none. */
export function inAddress(name) {
  const [key, ...rest] = location.hash.slice(1).split("=");
  return key === name ? decode(rest.join("=")) : null;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
