/**
 * The keyboard on the wall: arrows move the cursor, with Shift they select; Enter opens, Space selects, Home and End,
 * PageUp and PageDown; + - 0 zoom; typing a number jumps to it; F and Shift+F go to what failed.
 */
import { Selection } from "./wall-selection.js";

const TYPING_MS = 1400;

/** `says(text)` shows and announces what is being typed; null when it is over. */
export function followKeys(wall, says) {
  let typed = "";
  let timer;

  wall.scroller.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !wall.model) {
      if ((event.ctrlKey || event.metaKey) && event.key === "a") select(event, new Selection().with(0, wall.model.frames - 1));
      return;
    }
    if (/^\d$/.test(event.key) && !(event.key === "0" && !typed)) return type(event);
    const target = aim(event.key);
    if (target !== null) return move(event, target);
    const act = ACTS[event.key];
    if (!act) return;
    event.preventDefault();
    // A letter that means something elsewhere on the page means this here.
    event.stopPropagation();
    act(event);
  });

  const ACTS = {
    Enter: () => (typed ? jump() : wall.open(wall.cursor)),
    " ": () => {
      wall.anchor = wall.cursor;
      wall.select(wall.selection.toggled(wall.cursor));
    },
    Escape: () => (typed ? forget() : wall.select(new Selection())),
    Backspace: () => typed && show(typed.slice(0, -1)),
    "+": () => wall.zoomTo(wall.zoomLevel + 1),
    "=": () => wall.zoomTo(wall.zoomLevel + 1),
    "-": () => wall.zoomTo(wall.zoomLevel - 1),
    0: () => wall.zoomTo(null),
    f: () => seek(1),
    F: () => seek(-1),
  };

  function aim(key) {
    const { columns } = wall.layout;
    const page = Math.max(1, Math.floor((wall.height * devicePixelRatio) / wall.layout.cellHeight)) * columns;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, PageUp: -page, PageDown: page };
    if (key === "Home") return 0;
    if (key === "End") return wall.model.frames - 1;
    if (!(key in steps)) return null;
    return Math.max(0, Math.min(wall.model.frames - 1, wall.cursor + steps[key]));
  }

  function move(event, target) {
    event.preventDefault();
    if (event.shiftKey) {
      wall.anchor ??= wall.cursor;
      wall.select(new Selection().with(wall.anchor, target));
    } else {
      wall.anchor = target;
    }
    wall.goTo(target);
  }

  function select(event, selection) {
    event.preventDefault();
    wall.select(selection);
  }

  function seek(step) {
    const found = wall.model.next("failed", wall.cursor, step) ?? wall.model.next("bad", wall.cursor, step);
    if (found !== null) wall.goTo(found, { centred: true });
  }

  function type(event) {
    event.preventDefault();
    show(typed + event.key);
    clearTimeout(timer);
    timer = setTimeout(jump, TYPING_MS);
  }

  function show(text) {
    typed = text.slice(0, 9);
    says(typed || null);
  }

  function jump() {
    const frame = wall.model.numbers.frame(Number(typed));
    forget();
    if (frame === null) return;
    wall.anchor = frame;
    wall.goTo(frame, { centred: true });
  }

  function forget() {
    clearTimeout(timer);
    show("");
  }
}
