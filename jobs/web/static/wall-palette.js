/**
 * The wall's colours, from the custom properties of the page's theme.
 *
 * `pixels` are the colours of frames' bytes (wall-model.js) as a canvas' pixels are laid out; neighbouring chunks are
 * told apart by a shade, so that chunks show even where a frame is one pixel.
 */
import { KINDS, ODD } from "./wall-model.js";

const SHADE = 0.86;

/** The luminance from which on black is read better than white (WCAG 2.2, relative luminance). */
const LIGHT = 0.179;

/** The palette of an element's theme. */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(`--wall-${name}`).trim();
  const ground = parts(read("ground"));
  const pixels = new Uint32Array(2 * ODD);
  const kinds = {};
  const inks = {};
  KINDS.forEach((kind, n) => {
    kinds[kind] = read(kind);
    const colour = parts(kinds[kind]);
    inks[kind] = luminance(colour) > LIGHT ? "#000000" : "#ffffff";
    pixels[n] = pixel(colour);
    pixels[n | ODD] = pixel(colour.map((value, channel) => value * SHADE + ground[channel] * (1 - SHADE)));
  });
  const named = ["ground", "text", "label", "shot", "chosen", "cursor"].map((name) => [name, read(name)]);
  return { pixels, blank: pixel(ground), kinds, inks, font: style.fontFamily, ...Object.fromEntries(named) };
}

/** Red, green and blue of `#rrggbb`. */
function parts(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) || 0);
}

function luminance(colour) {
  const [red, green, blue] = colour.map((value) => (value <= 10 ? value / 3294 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function pixel([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map(Math.round);
  return (isLittleEndian ? (255 << 24) | (b << 16) | (g << 8) | r : (r << 24) | (g << 16) | (b << 8) | 255) >>> 0;
}
