/**
 * Mouse, pen and fingers on the wall.
 *
 * A click opens a frame. Dragging selects a range, Shift and a click selects from the cursor on, Ctrl or ⌘ and a click
 * one frame more. Fingers scroll as they do everywhere; a long press begins a selection, and the next taps extend it.
 * The wheel with Ctrl, and two fingers on a touchpad, zoom.
 */
import { Selection } from "./wall-selection.js";

const DRAGS_FROM_PX = 5;
const LONG_PRESS_MS = 450;
const EDGE_PX = 36;

export function followPointer(wall) {
  const { scroller } = wall;
  let press = null;
  let selects = false;

  scroller.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") wall.setHover(press?.isDrag ? null : wall.frameAt(event.clientX, event.clientY));
    if (!press || event.pointerId !== press.id) return;
    const moved = Math.hypot(event.clientX - press.x, event.clientY - press.y) > DRAGS_FROM_PX;
    if (moved && event.pointerType === "touch") clearTimeout(press.timer);
    if (!moved || event.pointerType === "touch") return;
    if (!press.isDrag) {
      press.isDrag = true;
      press.base = event.ctrlKey || event.metaKey ? wall.selection : new Selection();
      scroller.setPointerCapture(press.id);
    }
    press.at = [event.clientX, event.clientY];
    drag();
  });

  scroller.addEventListener("pointerleave", () => wall.setHover(null));

  scroller.addEventListener("pointerdown", (event) => {
    const frame = wall.frameAt(event.clientX, event.clientY);
    if (event.button !== 0 || frame === null) return;
    press = { id: event.pointerId, x: event.clientX, y: event.clientY, frame };
    if (event.pointerType === "touch") press.timer = setTimeout(() => longPress(frame), LONG_PRESS_MS);
  });

  scroller.addEventListener("pointerup", (event) => {
    const ended = press;
    stop();
    if (!ended || event.pointerId !== ended.id || ended.isDrag || ended.wasLong) return;
    const frame = wall.frameAt(event.clientX, event.clientY);
    if (frame === ended.frame) choose(frame, event);
  });

  scroller.addEventListener("pointercancel", stop);
  scroller.addEventListener("contextmenu", (event) => press?.wasLong && event.preventDefault());

  scroller.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoomed += event.deltaY;
      const steps = Math.trunc(zoomed / 40);
      if (!steps) return;
      zoomed -= steps * 40;
      wall.zoomTo(wall.zoomLevel - Math.sign(steps), wall.frameAt(event.clientX, event.clientY, true));
    },
    { passive: false },
  );
  let zoomed = 0;

  wall.addEventListener("select", () => {
    if (!wall.selection.count) selects = false;
  });

  function choose(frame, event) {
    const before = wall.cursor;
    wall.goTo(frame);
    if (event.shiftKey) wall.select(wall.selection.with(wall.anchor ?? before, frame));
    else if (event.ctrlKey || event.metaKey) wall.select(wall.selection.toggled(frame));
    else if (selects) wall.select(wall.selection.with(wall.anchor ?? before, frame));
    else wall.open(frame);
    if (!event.shiftKey && !selects) wall.anchor = frame;
  }

  function longPress(frame) {
    press.wasLong = true;
    selects = true;
    wall.anchor = frame;
    wall.goTo(frame);
    wall.select(new Selection().with(frame, frame));
    navigator.vibrate?.(12);
  }

  /** Extend the range to where the pointer is, and scroll while it is at an edge. */
  function drag() {
    const [x, y] = press.at;
    const frame = wall.frameAt(x, y, true);
    if (frame !== press.last) {
      press.last = frame;
      wall.anchor = press.frame;
      wall.select(press.base.with(press.frame, frame));
      wall.goTo(frame);
    }
    const box = scroller.getBoundingClientRect();
    const beyond = Math.min(0, y - box.top - EDGE_PX) + Math.max(0, y - box.bottom + EDGE_PX);
    cancelAnimationFrame(press.scrolling);
    if (!beyond) return;
    press.scrolling = requestAnimationFrame(() => {
      if (!press) return;
      wall.scroll.moveTo(wall.scroll.offset + beyond / 3);
      drag();
    });
  }

  function stop() {
    clearTimeout(press?.timer);
    cancelAnimationFrame(press?.scrolling);
    press = null;
  }
}
