/**
 * Curves on a canvas: axes, ticks, labels, and no more points than there are pixels to show them.
 */

import { clock } from "./format.js";

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {Float64Array} xs
 * @property {Float64Array} ys Of the same length.
 * @property {number} style Which colour and marker it has.
 */

/**
 * @typedef {object} Labels
 * @property {string} x
 * @property {string} y
 * @property {"number" | "whole" | "time"} xKind
 */

/** @typedef {{low: number, high: number}} Range */

/** How many colours there are, `--curve-0` and so on. */
export const STYLES = 8;

const FONT = "12px system-ui, sans-serif";
const MOST_MARKERS = 400;
/** Pixels within which a point is meant by the pointer. */
const NEAR = 30;
const SECOND = 1000;
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/**
 * Return the range of the finite values of curves, a little widened; null where there are none.
 * @param {Float64Array[]} columns
 * @param {number} margin Part of the range to add at each end.
 * @returns {Range | null}
 */
export function rangeOf(columns, margin) {
  let low = Infinity;
  let high = -Infinity;
  for (const values of columns) {
    for (const value of values) {
      if (Number.isFinite(value)) {
        low = value < low ? value : low;
        high = value > high ? value : high;
      }
    }
  }
  if (low > high) {
    return null;
  }
  if (low === high) {
    const half = low === 0 ? 1 : Math.abs(low) * 0.1;
    return { low: low - half, high: high + half };
  }
  // Halved first, for the width of the widest range is no double
  const extra = (high / 2 - low / 2) * 2 * margin;
  return { low: low - extra, high: high + extra };
}

/**
 * Return round numbers in a range, with their labels.
 * @param {Range} range
 * @param {number} most About how many.
 * @param {boolean} [whole] Whether only whole numbers make sense.
 * @returns {{at: number, label: string}[]}
 */
export function ticksOf({ low, high }, most, whole = false) {
  const rough = high / most - low / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const used = whole ? Math.max(1, Math.round(step)) : step;
  const smallest = Math.floor(Math.log10(used) + 1e-9);
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const plain = largest < 1e7 && smallest >= -5;
  const digits = plain ? Math.max(0, -smallest) : Math.min(12, Math.floor(Math.log10(largest)) - smallest);
  /** @type {{at: number, label: string}[]} */
  const ticks = [];
  const first = Math.ceil(low / used);
  for (let index = 0; index <= 2 * most && (first + index) * used <= high; index += 1) {
    const at = (first + index) * used;
    const label = plain || at === 0 ? at.toFixed(plain ? digits : 0) : at.toExponential(digits);
    if (at !== ticks.at(-1)?.at) {
      ticks.push({ at, label: label.replace("e+", "e") });
    }
  }
  return ticks;
}

/**
 * Return round times of day in a range, with their labels.
 * @param {Range} range
 * @param {number} most About how many.
 */
function timeTicksOf({ low, high }, most) {
  const rough = (high - low) / SECOND / most;
  const step = (TIME_STEPS.find((seconds) => seconds >= rough) ?? Math.ceil(rough / 86_400) * 86_400) * SECOND;
  const offset = new Date(low).getTimezoneOffset() * 60 * SECOND;
  const ticks = [];
  for (let at = Math.ceil((low - offset) / step) * step + offset; at <= high; at += step) {
    const date = new Date(at);
    const label = step >= 86_400 * SECOND ? date.toLocaleDateString() : clock(date);
    ticks.push({ at, label });
  }
  return ticks;
}

/**
 * Return the pixels of a curve: of the points that follow each other in one column of pixels only the first,
 * the lowest, the highest and the last are kept, which look the same as all of them. A gap is a NaN.
 * @param {Curve} curve
 * @param {(x: number) => number} toX
 * @param {(y: number) => number} toY
 * @returns {number[]} x and y by turns.
 */
export function pixelsOf({ xs, ys }, toX, toY) {
  /** @type {number[]} */
  const pixels = [];
  let column = Number.NaN;
  let first = 0;
  let [low, high, last] = [0, 0, 0];
  const flush = () => {
    if (Number.isNaN(column)) {
      return;
    }
    const kept = [...new Set([first, low, high, last])].sort((a, b) => a - b);
    for (const index of kept) {
      pixels.push(toX(xs[index]), toY(ys[index]));
    }
  };
  for (let index = 0; index < xs.length; index += 1) {
    const x = xs[index];
    const y = ys[index];
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      flush();
      column = Number.NaN;
      if (pixels.length > 0 && !Number.isNaN(pixels[pixels.length - 1])) {
        pixels.push(Number.NaN, Number.NaN);
      }
      continue;
    }
    const place = Math.floor(toX(x));
    if (place !== column) {
      flush();
      column = place;
      first = low = high = index;
    }
    low = y < ys[low] ? index : low;
    high = y > ys[high] ? index : high;
    last = index;
  }
  flush();
  return pixels;
}

/** Draws on a canvas that is as large as its box. */
export class Plot {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {Curve[]} */
    this.curves = [];
    /** @type {Labels} */
    this.labels = { x: "", y: "", xKind: "number" };
    /** What turns values into pixels, as last drawn. */
    this.scales = { toX: scale({ low: 0, high: 1 }, 0, 1), toY: scale({ low: 0, high: 1 }, 0, 1) };
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /**
   * Show curves.
   * @param {Curve[]} curves
   * @param {Labels} labels
   */
  show(curves, labels) {
    this.curves = curves;
    this.labels = labels;
    this.draw();
  }

  /**
   * Return the point that is nearest to a place on the canvas; null where none is near.
   * @param {number} x In pixels.
   * @param {number} y In pixels.
   */
  nearest(x, y) {
    const { toX, toY } = this.scales;
    let least = NEAR * NEAR;
    /** @type {{curve: Curve, index: number} | null} */
    let found = null;
    for (const curve of this.curves) {
      for (let index = 0; index < curve.xs.length; index += 1) {
        const distance = (toX(curve.xs[index]) - x) ** 2 + (toY(curve.ys[index]) - y) ** 2;
        if (distance < least) {
          least = distance;
          found = { curve, index };
        }
      }
    }
    return found;
  }

  draw() {
    const { width, height } = this.canvas.getBoundingClientRect();
    const context = this.canvas.getContext("2d");
    if (context === null || width < 40 || height < 40) {
      return;
    }
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    context.font = FONT;
    const xRange = rangeOf(this.curves.map(({ xs }) => xs), 0.02);
    const yRange = rangeOf(this.curves.map(({ ys }) => ys), 0.06);
    if (xRange !== null && yRange !== null) {
      this.drawIn(context, width, height, xRange, yRange);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} width
   * @param {number} height
   * @param {Range} xRange
   * @param {Range} yRange
   */
  drawIn(context, width, height, xRange, yRange) {
    const colours = getComputedStyle(this.canvas);
    const yTicks = ticksOf(yRange, Math.max(2, Math.floor(height / 40)));
    const widest = Math.max(...yTicks.map(({ label }) => context.measureText(label).width));
    const box = { left: Math.ceil(widest) + 14, top: 22, right: width - 10, bottom: height - 36 };
    const toX = scale(xRange, box.left, box.right);
    const toY = scale(yRange, box.bottom, box.top);
    this.scales = { toX, toY };
    const most = Math.max(2, Math.floor((box.right - box.left) / 90));
    const xTicks =
      this.labels.xKind === "time"
        ? timeTicksOf(xRange, most)
        : ticksOf(xRange, most, this.labels.xKind === "whole");
    this.drawAxes(context, box, colours, xTicks.map((tick) => ({ ...tick, at: toX(tick.at) })),
      yTicks.map((tick) => ({ ...tick, at: toY(tick.at) })));
    for (const curve of this.curves) {
      const colour = colours.getPropertyValue(`--curve-${curve.style}`).trim();
      drawCurve(context, pixelsOf(curve, toX, toY), colour, curve.style, curve.xs.length <= MOST_MARKERS);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{left: number, top: number, right: number, bottom: number}} box
   * @param {CSSStyleDeclaration} colours
   * @param {{at: number, label: string}[]} xTicks
   * @param {{at: number, label: string}[]} yTicks
   */
  drawAxes(context, box, colours, xTicks, yTicks) {
    const ink = colours.getPropertyValue("--muted").trim();
    context.lineWidth = 1;
    context.strokeStyle = colours.getPropertyValue("--grid").trim();
    context.beginPath();
    for (const { at } of yTicks) {
      context.moveTo(box.left, Math.round(at) + 0.5);
      context.lineTo(box.right, Math.round(at) + 0.5);
    }
    for (const { at } of xTicks) {
      context.moveTo(Math.round(at) + 0.5, box.top);
      context.lineTo(Math.round(at) + 0.5, box.bottom);
    }
    context.stroke();
    context.strokeStyle = ink;
    context.strokeRect(box.left + 0.5, box.top + 0.5, box.right - box.left, box.bottom - box.top);
    context.fillStyle = ink;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const { at, label } of yTicks) {
      context.fillText(label, box.left - 6, at);
    }
    context.textBaseline = "top";
    context.textAlign = "center";
    for (const { at, label } of xTicks) {
      const half = context.measureText(label).width / 2;
      context.fillText(label, Math.min(at, box.right + 8 - half), box.bottom + 5);
    }
    context.fillStyle = colours.getPropertyValue("--ink").trim();
    context.fillText(this.labels.x, (box.left + box.right) / 2, box.bottom + 20, box.right - box.left);
    context.textAlign = "left";
    context.fillText(this.labels.y, 4, 3, box.right - 4);
  }
}

/**
 * Return what turns a value into a pixel.
 * @param {Range} range
 * @param {number} from Pixel of the low end.
 * @param {number} to Pixel of the high end.
 */
function scale({ low, high }, from, to) {
  const width = high / 2 - low / 2;
  return (/** @type {number} */ value) => from + ((value / 2 - low / 2) / width) * (to - from);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} pixels
 * @param {string} colour
 * @param {number} style
 * @param {boolean} markers
 */
function drawCurve(context, pixels, colour, style, markers) {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  let pen = false;
  for (let index = 0; index < pixels.length; index += 2) {
    const x = pixels[index];
    if (Number.isNaN(x)) {
      pen = false;
    } else if (pen) {
      context.lineTo(x, pixels[index + 1]);
    } else {
      context.moveTo(x, pixels[index + 1]);
      pen = true;
    }
  }
  context.stroke();
  if (markers) {
    for (let index = 0; index < pixels.length; index += 2) {
      if (!Number.isNaN(pixels[index])) {
        drawMarker(context, pixels[index], pixels[index + 1], style);
      }
    }
  }
}

/**
 * Draw a point, in a shape of its own for each style, so that colour alone tells nothing.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} style
 */
function drawMarker(context, x, y, style) {
  const corners = [0, 4, 3, 4][style % 4];
  context.beginPath();
  if (corners === 0) {
    context.arc(x, y, 2.6, 0, 2 * Math.PI);
  } else {
    const turn = style % 4 === 1 ? Math.PI / 4 : -Math.PI / 2;
    for (let corner = 0; corner < corners; corner += 1) {
      const angle = turn + (2 * Math.PI * corner) / corners;
      context.lineTo(x + 3.4 * Math.cos(angle), y + 3.4 * Math.sin(angle));
    }
    context.closePath();
  }
  context.fill();
}
