/**
 * The table of scans: one row each, of which only what has changed is drawn again.
 */

import { byId, make, setAttribute, setText } from "./dom.js";
import { DONE, doing, moment, percent, percentText, span, timeLeft } from "./format.js";

/** @typedef {import("./api.js").Scan} Scan */

/** A row of the table. */
class Row {
  /** @param {number} id */
  constructor(id) {
    this.id = id;
    /** @type {Scan | null} What was last shown. */
    this.scan = null;
    /** What is shown, to tell whether to draw again. */
    this.key = "";
    this.name = make("span", { class: "name" });
    this.doing = make("span", { class: "doing" });
    this.state = make("span", { class: "state" });
    this.bar = make("progress", { max: "100", value: "0" });
    this.percent = make("span", { class: "percent" });
    this.runtime = make("span");
    this.left = make("span", { class: "left" });
    this.element = make(
      "tr",
      { tabindex: "-1", "aria-selected": "false", "data-id": String(id) },
      make("td", { class: "id" }, String(id)),
      make("td", {}, this.name, this.doing),
      make("td", { class: "how" }, this.state, make("span", { class: "done" }, this.bar, this.percent)),
      make("td", { class: "when" }, this.runtime, this.left),
    );
  }

  /** @param {Scan} scan */
  show(scan) {
    if (scan === this.scan && DONE.has(scan.state)) {
      return;
    }
    this.scan = scan;
    const left = timeLeft(scan);
    const line = doing(scan);
    const key = [scan.name, scan.state, scan.runtime, scan.performed, scan.total, left, line].join("\n");
    if (key === this.key) {
      return;
    }
    this.key = key;
    setText(this.name, scan.name);
    setText(this.doing, line);
    setAttribute(this.doing, "class", scan.error === "" ? "doing" : "doing error");
    showState(this.state, scan.state);
    showProgress(this.bar, this.percent, scan);
    setText(this.runtime, scan.state === "Idle" ? "" : span(scan.runtime));
    setText(this.left, DONE.has(scan.state) ? moment(scan.finish ?? scan.created, true) : left && `${left} left`);
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} state
 */
export function showState(element, state) {
  setText(element, state);
  setAttribute(element, "data-state", state);
}

/**
 * @param {HTMLProgressElement} bar
 * @param {HTMLElement} text
 * @param {Scan} scan
 */
export function showProgress(bar, text, scan) {
  const done = percent(scan);
  if (bar.value !== done) {
    bar.value = done;
  }
  setAttribute(bar, "data-state", scan.state);
  setAttribute(bar, "aria-label", `Progress of scan ${scan.id}`);
  setText(text, percentText(scan));
}

/** The table in the page. */
export class ScanTable {
  /** @param {(id: number) => void} choose Called when the user chooses a scan. */
  constructor(choose) {
    this.choose = choose;
    this.body = byId("scans-body", HTMLTableSectionElement);
    this.filter = byId("filter", HTMLInputElement);
    this.count = byId("scans-count", HTMLElement);
    /** @type {Map<number, Row>} */
    this.rows = new Map();
    /** @type {Scan[]} */
    this.scans = [];
    /** @type {number | null} */
    this.selected = null;
    /** @type {HTMLTableRowElement | undefined} The row of the selected scan. */
    this.marked = undefined;
    /** @type {HTMLTableRowElement | undefined} The row that Tab reaches. */
    this.reached = undefined;
    this.body.addEventListener("click", (event) => this.onClick(event));
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.filter.addEventListener("input", () => this.show(this.scans));
  }

  /**
   * Show scans.
   * @param {Scan[]} scans The newest first.
   */
  show(scans) {
    this.scans = scans;
    const words = this.filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (/** @type {Scan} */ scan) => {
      const text = `${scan.id} ${scan.name} ${scan.state}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const shown = words.length === 0 ? scans : scans.filter(matches);
    const gone = new Set(this.rows.keys());
    let place = this.body.firstElementChild;
    for (const scan of shown) {
      let row = this.rows.get(scan.id);
      if (row === undefined) {
        row = new Row(scan.id);
        this.rows.set(scan.id, row);
      }
      gone.delete(scan.id);
      row.show(scan);
      if (row.element === place) {
        place = place.nextElementSibling;
      } else {
        this.body.insertBefore(row.element, place);
      }
    }
    for (const id of gone) {
      this.rows.get(id)?.element.remove();
      this.rows.delete(id);
    }
    this.showCount(shown.length);
    this.markSelected();
  }

  /** @param {number} shown */
  showCount(shown) {
    const all = this.scans.length;
    const active = this.scans.filter((scan) => !DONE.has(scan.state)).length;
    const filtered = shown === all ? `${all}` : `${shown} of ${all}`;
    setText(this.count, active > 0 ? `${filtered}, ${active} not done` : filtered);
    byId("scans-none", HTMLElement).hidden = shown > 0;
    setText(
      byId("scans-none", HTMLElement),
      all === 0 ? "This server has no scans yet. Submit one with “New scan”." : "No scan matches the filter.",
    );
    const done = this.scans.some((scan) => DONE.has(scan.state));
    byId("remove-completed", HTMLButtonElement).disabled = !done;
  }

  /** @param {number | null} id */
  select(id) {
    this.selected = id;
    this.markSelected();
    this.bringIntoView();
  }

  /** Mark the selected row, and make it, or else the first one, the row that Tab reaches. */
  markSelected() {
    const chosen = this.selected === null ? undefined : this.rows.get(this.selected)?.element;
    const reached = chosen ?? this.body.rows[0];
    if (this.marked !== chosen && this.marked !== undefined) {
      setAttribute(this.marked, "aria-selected", "false");
    }
    if (chosen !== undefined) {
      setAttribute(chosen, "aria-selected", "true");
    }
    this.marked = chosen;
    if (this.reached !== reached && this.reached !== undefined) {
      setAttribute(this.reached, "tabindex", "-1");
    }
    if (reached !== undefined) {
      setAttribute(reached, "tabindex", "0");
    }
    this.reached = reached;
  }

  bringIntoView() {
    const frame = byId("scans-frame", HTMLElement);
    if (this.marked !== undefined) {
      const { top, bottom } = this.marked.getBoundingClientRect();
      const seen = frame.getBoundingClientRect();
      const head = 32; // what the heading of the table covers
      if (top < seen.top + head) {
        frame.scrollTop -= seen.top + head - top;
      } else if (bottom > seen.bottom) {
        frame.scrollTop += bottom - seen.bottom;
      }
    }
  }

  /**
   * Select the scan some rows further down, or the first or last one.
   * @param {number} steps
   */
  move(steps) {
    const rows = [...this.body.rows];
    if (rows.length === 0) {
      return;
    }
    const now = rows.findIndex((row) => row === this.marked);
    const target = now < 0 ? 0 : Math.min(Math.max(now + steps, 0), rows.length - 1);
    this.choose(Number(rows[target].dataset.id));
    if (this.body.contains(document.activeElement)) {
      rows[target].focus({ preventScroll: true });
    }
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    if (row !== null) {
      this.choose(Number(row.dataset.id));
      row.focus({ preventScroll: true });
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const page = 10;
    /** @type {Record<string, number>} */
    const steps = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    if (event.key in steps) {
      event.preventDefault();
      this.move(steps[event.key]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.onClick(/** @type {any} */ (event));
    }
  }
}
