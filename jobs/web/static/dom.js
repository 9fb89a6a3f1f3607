// Small helpers to build and change the page. Text always goes in as text: nothing here parses HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props`: `class`, `dataset`, `style` (by CSSOM, as the policy wants it), `on…` listeners, DOM properties
 *  by `.name`, and attributes; null and false leave one out. Children: nodes, texts, lists of them, or nothing. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") for (const [key, v] of Object.entries(value)) element.style.setProperty(key, v);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith(".")) element[name.slice(1)] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** One of icons.svg. It says nothing to those who listen. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Set a text only if it changed, so that selections and live regions are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set or remove an attribute only if it changed. */
export function setAttr(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value === true ? "" : value);
}

/** Bring the children of `parent` into line with `items`, moving and reusing those that are there.
 *  `make(item)` gives an element, `update(element, item)` brings it up to date. */
export function reconcile(parent, items, key, make, update) {
  const old = new Map([...parent.children].filter((child) => child.dataset.key !== undefined).map((child) => [child.dataset.key, child]));
  let at = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let element = old.get(name);
    old.delete(name);
    if (!element) {
      element = make(item);
      element.dataset.key = name;
    }
    update?.(element, item);
    if (element === at) at = at.nextElementSibling;
    else parent.insertBefore(element, at);
  }
  for (const gone of old.values()) gone.remove();
}

/** After `ms` without another call. */
export function debounce(ms, act) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(act, ms, ...values);
  };
}

/** Whether somebody types there, so that single keys are letters and no shortcuts. */
export function isTyping(target) {
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
