/**
 * Logged data as columns, kept up to date with what the server sends.
 */

import { childText } from "./api.js";

// How Java writes a double; text that merely looks like a number, such as 007, stays text
const DOUBLE = /^(?:-?\d+\.\d+(?:E-?\d+)?|NaN|-?Infinity)$/;

/** The samples of one device, in order of their serials. */
export class Column {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
    /** @type {number[]} */
    this.serials = [];
    /** @type {number[]} Milliseconds since 1970. */
    this.times = [];
    /** @type {string[]} */
    this.texts = [];
    /** @type {number[]} The texts as numbers; of no use where `numeric` is false. */
    this.numbers = [];
    /** Whether all values are numbers. */
    this.numeric = true;
  }

  /**
   * Add a sample, unless it is known.
   * @param {number} serial
   * @param {number} time
   * @param {string} text
   */
  add(serial, time, text) {
    if (this.serials.length > 0 && serial <= this.serials[this.serials.length - 1]) {
      return;
    }
    this.serials.push(serial);
    this.times.push(time);
    this.texts.push(text);
    this.numeric &&= DOUBLE.test(text);
    this.numbers.push(this.numeric ? Number(text) : Number.NaN);
  }

  /**
   * Return the place of the last sample at or before a serial; -1 where there is none.
   * @param {number} serial
   */
  placeAt(serial) {
    let low = 0;
    let high = this.serials.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.serials[middle] <= serial) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}

/** All that a scan has logged. */
export class Log {
  constructor() {
    /** @type {Map<string, Column>} */
    this.columns = new Map();
    /** @type {Float64Array | null} */
    this.known = null;
  }

  /** Forget all samples. */
  clear() {
    this.columns.clear();
    this.known = null;
  }

  /**
   * Take a `<data>` element in.
   * @param {Element} data
   */
  add(data) {
    for (const device of data.children) {
      const name = childText(device, "name");
      let column = this.columns.get(name);
      if (column === undefined) {
        column = new Column(name);
        this.columns.set(name, column);
      }
      const samples = [...device.children].find((child) => child.nodeName === "samples");
      for (let sample = samples?.firstElementChild; sample; sample = sample.nextElementSibling) {
        const serial = Number(sample.getAttribute("id"));
        column.add(serial, Number(childText(sample, "time")), childText(sample, "value"));
      }
    }
    this.known = null;
  }

  /** Serial of the last sample; -1 where there is none. */
  get last() {
    let last = -1;
    for (const { serials } of this.columns.values()) {
      last = Math.max(last, serials[serials.length - 1] ?? -1);
    }
    return last;
  }

  /** The serials of all devices, each once, in order. */
  get serials() {
    if (this.known === null) {
      const columns = [...this.columns.values()];
      const all = new Float64Array(columns.reduce((sum, { serials }) => sum + serials.length, 0));
      let filled = 0;
      for (const { serials } of columns) {
        all.set(serials, filled);
        filled += serials.length;
      }
      all.sort();
      let kept = 0;
      for (let index = 0; index < all.length; index += 1) {
        if (index === 0 || all[index] !== all[index - 1]) {
          all[kept] = all[index];
          kept += 1;
        }
      }
      this.known = all.subarray(0, kept);
    }
    return this.known;
  }

  /** The devices whose values are all numbers. */
  get numeric() {
    return [...this.columns.values()].filter((column) => column.numeric);
  }

  /**
   * Return a row of the table aligned by serial: each device's last value at or before it, null before its
   * first one, and when the latest of those that were logged with it was.
   * @param {number} serial
   */
  row(serial) {
    let time = 0;
    /** @type {(string | null)[]} */
    const cells = [];
    for (const column of this.columns.values()) {
      const place = column.placeAt(serial);
      cells.push(place < 0 ? null : column.texts[place]);
      if (place >= 0 && column.serials[place] === serial) {
        time = Math.max(time, column.times[place]);
      }
    }
    return { serial, time, cells };
  }

  /** Return the aligned table as lines of CSV; times are UTC. */
  csv() {
    const quoted = (/** @type {string} */ text) =>
      /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    const lines = [["serial", "time", ...this.columns.keys()].map(quoted).join(",") + "\r\n"];
    for (const serial of this.serials) {
      const { time, cells } = this.row(serial);
      const texts = [String(serial), new Date(time).toISOString(), ...cells.map((cell) => cell ?? "")];
      lines.push(texts.map(quoted).join(",") + "\r\n");
    }
    return lines;
  }

  /**
   * Return the points of a curve.
   * @param {string} x "serial", "time", or "device:NAME" for the values of a device.
   * @param {string} y Name of a device with numbers.
   * @returns {{xs: Float64Array, ys: Float64Array}}
   */
  points(x, y) {
    const column = this.columns.get(y) ?? new Column(y);
    const ys = Float64Array.from(column.numbers);
    if (x === "serial" || x === "time") {
      return { xs: Float64Array.from(x === "serial" ? column.serials : column.times), ys };
    }
    const other = this.columns.get(x.slice("device:".length)) ?? new Column("");
    let place = -1;
    const xs = Float64Array.from(column.serials, (serial) => {
      while (place + 1 < other.serials.length && other.serials[place + 1] <= serial) {
        place += 1;
      }
      return place < 0 ? Number.NaN : other.numbers[place];
    });
    return { xs, ys };
  }
}
