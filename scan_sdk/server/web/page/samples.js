/**
 * The table of logged data, aligned by serial, the newest first.
 */

import { Log } from "./data.js";
import { byId, make, setText } from "./dom.js";
import { moment, number } from "./format.js";

const FEW = 200;
const MANY = 20_000;

/** The table in the page. */
export class SampleTable {
  constructor() {
    this.head = byId("samples-head", HTMLTableRowElement);
    this.body = byId("samples-body", HTMLTableSectionElement);
    this.note = byId("samples-note", HTMLElement);
    this.all = byId("samples-all", HTMLButtonElement);
    this.log = new Log();
    this.most = FEW;
    this.columns = "";
    /** Serial of the newest row shown. */
    this.newest = -1;
    this.all.addEventListener("click", () => {
      this.most = this.most === FEW ? MANY : FEW;
      this.columns = "";
      this.show(this.log);
    });
  }

  /**
   * Show what was logged; rows that are there already stay.
   * @param {Log} log
   */
  show(log) {
    const names = [...log.columns.keys()];
    const columns = JSON.stringify(names);
    if (log !== this.log || columns !== this.columns) {
      this.log = log;
      this.columns = columns;
      this.newest = -1;
      this.body.replaceChildren();
      const heads = ["serial", "time", ...names].map((name) => make("th", { scope: "col" }, name));
      this.head.replaceChildren(...heads);
    }
    const { serials } = log;
    const from = Math.max(0, serials.length - this.most);
    // The newest row may have been seen before all of its devices were logged
    if (this.newest >= 0) {
      this.body.firstElementChild?.remove();
    }
    const added = document.createDocumentFragment();
    for (let index = serials.length - 1; index >= from && serials[index] >= this.newest; index -= 1) {
      added.append(rowOf(log, serials[index]));
    }
    this.body.prepend(added);
    this.newest = serials.length > 0 ? serials[serials.length - 1] : -1;
    while (this.body.rows.length > serials.length - from) {
      this.body.lastElementChild?.remove();
    }
    this.describe(serials.length, serials.length - from);
  }

  /**
   * Say how much of it is shown.
   * @param {number} all
   * @param {number} shown
   */
  describe(all, shown) {
    byId("samples-frame", HTMLElement).hidden = all === 0;
    byId("samples-nothing", HTMLElement).hidden = all > 0;
    byId("download-data", HTMLButtonElement).disabled = all === 0;
    const rows = (/** @type {number} */ count) => count.toLocaleString("en");
    setText(this.note, shown < all ? `newest ${rows(shown)} of ${rows(all)}` : all > 0 ? rows(all) : "");
    this.all.hidden = all <= FEW;
    setText(this.all, this.most === FEW ? `Show ${all > MANY ? rows(MANY) : "all"}` : `Show ${FEW}`);
  }
}

/**
 * @param {Log} log
 * @param {number} serial
 */
function rowOf(log, serial) {
  const { time, cells } = log.row(serial);
  const columns = [...log.columns.values()];
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, String(serial)),
    make("td", {}, moment(time)),
    ...columns.map(({ numeric }, index) => {
      const cell = cells[index] ?? "";
      return make("td", { class: numeric ? "" : "text" }, numeric ? number(cell) : cell);
    }),
  );
}
