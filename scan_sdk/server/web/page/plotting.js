/**
 * What is plotted: the choice of axes, the legend, and the plot in words.
 */

import { Log } from "./data.js";
import { byId, make, setText } from "./dom.js";
import { moment, value } from "./format.js";
import { Plot, STYLES } from "./plot.js";

/** @typedef {{x: string, ys: string[]}} Choice */
/** @typedef {import("./plot.js").Curve} Curve */

const MOST_AT_FIRST = 4;
/** The markers of plot.js as paths: circle, square, triangle, diamond. */
const MARKS = [
  "M16 8a4 4 0 1 1-8 0a4 4 0 1 1 8 0z",
  "M8 4h8v8h-8z",
  "M12 3l4.5 8h-9z",
  "M12 3l5 5l-5 5l-5-5z",
];

/** The plot and what belongs to it. */
export class Plotting {
  constructor() {
    this.canvas = byId("plot", HTMLCanvasElement);
    this.plot = new Plot(this.canvas);
    this.x = byId("plot-x", HTMLSelectElement);
    this.ys = byId("plot-ys", HTMLFieldSetElement);
    this.summary = byId("plot-summary", HTMLElement);
    this.log = new Log();
    /** @type {string[]} */
    this.loopDevices = [];
    /** @type {Map<number, Choice>} What the user has chosen, by scan. */
    this.choices = new Map();
    this.scan = -1;
    this.offered = "";
    this.x.addEventListener("change", () => this.chosen());
    this.ys.addEventListener("change", () => this.chosen());
    this.canvas.addEventListener("pointermove", (event) => this.read(event.offsetX, event.offsetY));
    this.canvas.addEventListener("pointerleave", () => this.read(-Infinity, -Infinity));
  }

  /**
   * Show the values of the point at the pointer.
   * @param {number} x
   * @param {number} y
   */
  read(x, y) {
    const readout = byId("plot-readout", HTMLElement);
    const found = this.plot.nearest(x, y);
    if (found !== null) {
      const { curve, index } = found;
      const at = this.plot.labels.xKind === "time" ? moment(curve.xs[index]) : value(curve.xs[index]);
      setText(readout, `${this.plot.labels.x} ${at}, ${curve.name} ${value(curve.ys[index])}`);
    }
    readout.hidden = found === null;
  }

  /**
   * Show what a scan has logged.
   * @param {number} scan
   * @param {Log} log
   * @param {string[]} loopDevices Devices of its loops, the outermost first.
   */
  show(scan, log, loopDevices) {
    this.scan = scan;
    this.log = log;
    this.loopDevices = loopDevices;
    const names = log.numeric.map(({ name }) => name);
    const choice = this.choices.get(scan) ?? this.suggest(names);
    const offered = JSON.stringify([scan, names, choice]);
    if (offered !== this.offered) {
      this.offered = offered;
      this.offer(names, choice);
    }
    this.draw(choice);
  }

  /**
   * Return what is plotted unless the user says otherwise: what was measured over what the innermost loop moves.
   * @param {string[]} names
   * @returns {Choice}
   */
  suggest(names) {
    const moved = this.loopDevices.filter((name) => names.includes(name));
    const inner = moved.at(-1);
    const measured = names.filter((name) => !moved.includes(name.replace(/\.RBV$/, "")) && !moved.includes(name));
    if (inner === undefined) {
      return { x: "serial", ys: names.slice(0, MOST_AT_FIRST) };
    }
    return measured.length > 0
      ? { x: `device:${inner}`, ys: measured.slice(0, MOST_AT_FIRST) }
      : { x: "serial", ys: names.slice(0, MOST_AT_FIRST) };
  }

  /**
   * Fill in the choices, without taking the focus away from them.
   * @param {string[]} names
   * @param {Choice} choice
   */
  offer(names, choice) {
    const focused = document.activeElement instanceof HTMLInputElement ? document.activeElement.value : null;
    const option = (/** @type {string} */ key, /** @type {string} */ label) => {
      const made = make("option", { value: key }, label);
      made.selected = key === choice.x;
      return made;
    };
    this.x.replaceChildren(
      option("serial", "serial"),
      option("time", "time"),
      ...names.map((name) => option(`device:${name}`, name)),
    );
    const boxes = names.map((name, index) => {
      const box = make("input", { type: "checkbox", value: name });
      box.checked = choice.ys.includes(name);
      return make("label", {}, box, legendMark(index), make("span", {}, name));
    });
    const within = this.ys.contains(document.activeElement);
    this.ys.replaceChildren(make("legend", {}, "y"), ...boxes);
    if (within) {
      [...this.ys.querySelectorAll("input")].find((box) => box.value === focused)?.focus();
    }
  }

  /** Keep what the user has chosen. */
  chosen() {
    const boxes = [...this.ys.querySelectorAll("input")];
    const choice = { x: this.x.value, ys: boxes.filter((box) => box.checked).map((box) => box.value) };
    this.choices.set(this.scan, choice);
    this.draw(choice);
  }

  /** @param {Choice} choice */
  draw(choice) {
    const names = this.log.numeric.map(({ name }) => name);
    const xName = choice.x.replace(/^device:/, "");
    const curves = choice.ys
      .filter((name) => names.includes(name))
      .map((name) => ({ name, ...this.log.points(choice.x, name), style: names.indexOf(name) % STYLES }));
    const xKind = choice.x === "time" ? "time" : choice.x === "serial" ? "whole" : "number";
    this.plot.show(curves, { x: xName, y: choice.ys.join(", "), xKind });
    const points = curves.reduce((sum, { xs }) => sum + xs.length, 0);
    this.canvas.dataset.points = String(points);
    byId("plot-nothing", HTMLElement).hidden = points > 0;
    const label = points > 0 ? `Plot of ${choice.ys.join(", ")} over ${xName}` : "Empty plot";
    this.canvas.setAttribute("aria-label", label);
    setText(this.summary, curves.map((curve) => inWords(curve, xName, choice.x === "time")).join(" "));
  }
}

/**
 * Return the mark of a curve in the legend.
 * @param {number} index
 */
function legendMark(index) {
  const style = index % STYLES;
  const namespace = "http://www.w3.org/2000/svg";
  const mark = document.createElementNS(namespace, "svg");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", `M1 8h22 ${MARKS[style % MARKS.length]}`);
  mark.setAttribute("viewBox", "0 0 24 16");
  mark.setAttribute("class", `mark curve-${style}`);
  mark.setAttribute("aria-hidden", "true");
  mark.append(path);
  return mark;
}

/**
 * Return a curve in a sentence, for those who cannot see it.
 * @param {Curve} curve
 * @param {string} xName
 * @param {boolean} isTime
 */
function inWords({ name, xs, ys }, xName, isTime) {
  let low = Infinity;
  let high = -Infinity;
  let at = Number.NaN;
  for (let index = 0; index < ys.length; index += 1) {
    low = ys[index] < low ? ys[index] : low;
    if (ys[index] > high) {
      high = ys[index];
      at = xs[index];
    }
  }
  if (low > high) {
    return `${name}: no numbers.`;
  }
  const place = isTime ? moment(at) : value(at);
  const points = ys.length === 1 ? "1 point" : `${ys.length} points`;
  if (low === high) {
    return `${name}: ${points}, always ${value(low)}.`;
  }
  const last = value(ys[ys.length - 1]);
  return `${name}: ${points}, ${value(low)} to ${value(high)}, highest at ${xName} ${place}, last ${last}.`;
}
