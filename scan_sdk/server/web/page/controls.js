/**
 * Steering the selected scan: what makes sense in its state, and what came of it.
 */

import { control, fetchScans, readScans, remove, removeCompleted } from "./api.js";
import { byId, confirmed, say, setAttribute } from "./dom.js";
import { DONE } from "./format.js";

/** @typedef {import("./api.js").Scan} Scan */

/**
 * @typedef {object} Action
 * @property {(scan: Scan) => boolean} allowed
 * @property {string} needs What it takes, as said when it is not allowed.
 * @property {(scan: Scan) => Promise<void>} act
 * @property {(before: Scan, now: Scan | undefined, places: [number, number]) => boolean} worked Whether the
 *   wanted effect is seen; the places are those in the list before and now.
 * @property {(now: Scan | undefined) => string} result What to say then.
 */

/** Milliseconds between the looks at what came of an action. */
const LOOKS = [0, 100, 300, 700, 1500];

/** @param {Scan} scan */
const isActive = ({ state }) => state === "Running" || state === "Paused";
/** @param {string} path */
const put = (path) => (/** @type {Scan} */ scan) => control(scan.id, path);
/** @param {Scan} scan */
const isQueued = ({ state }) => state === "Idle";

/** @type {Record<string, Action>} */
const ACTIONS = {
  pause: {
    allowed: ({ state }) => state === "Running",
    needs: "a running scan",
    act: put("pause"),
    worked: (_, now) => now?.state === "Paused",
    result: () => "paused",
  },
  resume: {
    allowed: ({ state }) => state === "Paused",
    needs: "a paused scan",
    act: put("resume"),
    worked: (_, now) => now?.state === "Running",
    result: () => "goes on",
  },
  next: {
    allowed: ({ state }) => state === "Running",
    needs: "a running scan",
    act: put("next"),
    worked: (before, now) =>
      now !== undefined &&
      (now.address !== before.address || now.performed !== before.performed || now.state !== before.state),
    result: (now) => (now?.state === "Running" ? `goes on with ${now.command}` : "goes on"),
  },
  abort: {
    allowed: (scan) => isActive(scan) || isQueued(scan),
    needs: "a scan that is not done",
    act: put("abort"),
    worked: (_, now) => now?.state === "Aborted",
    result: () => "aborted",
  },
  delete: {
    allowed: ({ state }) => DONE.has(state),
    needs: "a scan that is done",
    act: ({ id }) => remove(id),
    worked: (_, now) => now === undefined,
    result: () => "deleted",
  },
  earlier: {
    allowed: isQueued,
    needs: "a scan that waits in the queue",
    act: put("move/-1"),
    worked: (_, __, [before, now]) => now > before,
    result: () => "moved to an earlier turn",
  },
  later: {
    allowed: isQueued,
    needs: "a scan that waits in the queue",
    act: put("move/1"),
    worked: (_, __, [before, now]) => now < before,
    result: () => "moved to a later turn",
  },
};

/** @type {Record<string, (scan: Scan) => Promise<boolean>>} */
const QUESTIONS = {
  abort: ({ id, name }) =>
    confirmed(`Abort scan ${id}?`, `“${name}” ends where it is, and cannot be resumed.`, "Abort scan"),
  delete: ({ id, name }) =>
    confirmed(`Delete scan ${id}?`, `“${name}” and all that it logged are gone for good.`, "Delete scan"),
};

/** The buttons above the selected scan. */
export class Controls {
  /**
   * @param {object} page
   * @param {() => Scan | null} page.selected
   * @param {() => Scan[]} page.scans
   * @param {(scans: Scan[]) => void} page.show Called with what the server lists after an action.
   * @param {(error: unknown) => void} page.failed
   */
  constructor(page) {
    this.page = page;
    /** How many actions there were: with the next one, what came of the last is no longer looked for. */
    this.turn = 0;
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    for (const name of Object.keys(ACTIONS)) {
      const button = byId(`do-${name}`, HTMLButtonElement);
      button.addEventListener("click", () => this.perform(name));
      this.buttons.set(name, button);
    }
    byId("remove-completed", HTMLButtonElement).addEventListener("click", () => this.removeCompleted());
  }

  /**
   * Enable what makes sense. The others keep the focus where they have it, and say what they need.
   * @param {Scan | null} scan
   */
  show(scan) {
    for (const [name, button] of this.buttons) {
      const allowed = scan !== null && ACTIONS[name].allowed(scan);
      setAttribute(button, "aria-disabled", allowed ? null : "true");
    }
  }

  /** @param {string} name Of an action. */
  async perform(name) {
    const scan = this.page.selected();
    const action = ACTIONS[name];
    if (scan === null) {
      return;
    }
    if (!action.allowed(scan)) {
      say(`Nothing done: “${name}” needs ${action.needs}, and scan ${scan.id} is ${scan.state}.`, "refused");
      return;
    }
    if (name in QUESTIONS && !(await QUESTIONS[name](scan))) {
      return;
    }
    this.turn += 1;
    try {
      const place = this.page.scans().findIndex(({ id }) => id === scan.id);
      await action.act(scan);
      await this.report(name, scan, place);
    } catch (error) {
      this.page.failed(error);
    }
  }

  /**
   * Look what came of an action, and say it.
   * @param {string} name
   * @param {Scan} before
   * @param {number} place In the list, before.
   */
  async report(name, before, place) {
    const action = ACTIONS[name];
    const turn = this.turn;
    /** @type {Scan | undefined} */
    let now = before;
    for (const pause of LOOKS) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (turn !== this.turn) {
        return;
      }
      const scans = readScans(await fetchScans());
      const found = scans.findIndex(({ id }) => id === before.id);
      now = scans[found];
      this.page.show(scans);
      if (action.worked(before, now, [place, found])) {
        say(`Scan ${before.id} ${action.result(now)}.`);
        return;
      }
      if (now === undefined || DONE.has(now.state)) {
        break;
      }
    }
    const state = now === undefined ? "is not known any more" : `is ${now.state}`;
    const where = now !== undefined && isActive(now) && now.command !== "" ? `, at ${now.command}` : "";
    const still = now?.state === before.state ? " as before" : "";
    say(`The server took “${name}”, without effect: scan ${before.id} ${state}${still}${where}.`, "refused");
  }

  async removeCompleted() {
    const done = this.page.scans().filter(({ state }) => DONE.has(state));
    const count = done.length === 1 ? "1 scan" : `${done.length} scans`;
    const consequence = "Their data are gone for good. Scans that run or wait stay.";
    if (done.length === 0 || !(await confirmed(`Remove ${count} that are done?`, consequence, "Remove"))) {
      return;
    }
    try {
      await removeCompleted();
      const scans = readScans(await fetchScans());
      this.page.show(scans);
      const left = scans.filter(({ id }) => done.some((scan) => scan.id === id)).length;
      if (left > 0) {
        say(`${left} of ${count} are still there.`, "refused");
      } else {
        say(`Removed ${count}.`);
      }
    } catch (error) {
      this.page.failed(error);
    }
  }
}
