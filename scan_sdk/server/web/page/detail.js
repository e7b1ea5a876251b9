/**
 * The selected scan: what it is at, its commands, plot and data.
 */

import { Refusal, fetchCommands, fetchData, fetchLastSerial } from "./api.js";
import { CommandTree } from "./commands.js";
import { Log } from "./data.js";
import { byId, download, fileName, setText } from "./dom.js";
import { DONE, doing, moment, span, timeLeft } from "./format.js";
import { Plotting } from "./plotting.js";
import { SampleTable } from "./samples.js";
import { showProgress, showState } from "./scans.js";

/** @typedef {import("./api.js").Scan} Scan */

const COMMANDS_STALE = 5000;
/** Part of the time that fetching data may take: large logs are fetched less often. */
const SHARE = 1 / 5;

/** The pane at the side, or below on a phone. */
export class Detail {
  constructor() {
    this.tree = new CommandTree();
    this.plotting = new Plotting();
    this.samples = new SampleTable();
    this.follow = byId("follow", HTMLInputElement);
    /** @type {Scan | null} */
    this.scan = null;
    this.log = new Log();
    this.commands = "";
    /** When they were fetched, by performance.now(). */
    this.commandsAt = -Infinity;
    this.dataNotBefore = 0;
    /** Whether the scan is over and all of it is here. */
    this.settled = false;
    byId("download-data", HTMLButtonElement).addEventListener("click", () => this.downloadData());
    byId("download-commands", HTMLButtonElement).addEventListener("click", () => this.downloadCommands());
  }

  /** Forget what belongs to another scan. */
  reset() {
    this.log = new Log();
    this.commands = "";
    this.commandsAt = -Infinity;
    this.dataNotBefore = 0;
    this.settled = false;
  }

  /**
   * Show what the list says of the selected scan.
   * @param {Scan | null} scan
   * @param {string} nothing What to say where there is none.
   */
  show(scan, nothing) {
    byId("detail-nothing", HTMLElement).hidden = scan !== null;
    byId("detail-scan", HTMLElement).hidden = scan === null;
    setText(byId("detail-nothing", HTMLElement), nothing);
    const other = scan?.id !== this.scan?.id || scan?.created !== this.scan?.created;
    this.scan = scan;
    if (other) {
      this.reset();
    }
    if (scan === null) {
      return;
    }
    if (other) {
      this.tree.show("", "…");
      this.showData();
    }
    this.showHead(scan);
    this.tree.mark(scan.address, this.follow.checked);
  }

  /** @param {Scan} scan */
  showHead(scan) {
    const put = (/** @type {string} */ id, /** @type {string} */ text) =>
      setText(byId(`detail-${id}`, HTMLElement), text || "–");
    const done = DONE.has(scan.state);
    put("id", `Scan ${scan.id}`);
    put("name", scan.name);
    showState(byId("detail-state", HTMLElement), scan.state);
    showProgress(byId("detail-bar", HTMLProgressElement), byId("detail-percent", HTMLElement), scan);
    put("created", moment(scan.created));
    put("runtime", span(scan.runtime));
    put("left", timeLeft(scan));
    put("finish", scan.finish === null || (!done && scan.performed === 0) ? "–" : moment(scan.finish));
    setText(byId("detail-finish-label", HTMLElement), done ? "Finished" : "Finish expected");
    put("units", scan.total > 0 ? `${scan.performed} of ${scan.total}` : "–");
    setText(byId("detail-address", HTMLElement), scan.address >= 0 ? String(scan.address) : "");
    put("command", scan.error === "" ? doing(scan) : scan.command);
    setText(byId("detail-error", HTMLElement), scan.error);
    byId("detail-error", HTMLElement).hidden = scan.error === "";
  }

  /** Fetch what has changed of the selected scan. */
  async refresh() {
    const scan = this.scan;
    if (scan === null || this.settled) {
      return;
    }
    const done = DONE.has(scan.state);
    if (done || performance.now() - this.commandsAt > COMMANDS_STALE) {
      await this.refreshCommands(scan);
    }
    try {
      const complete = await this.refreshData(scan);
      if (this.scan?.id === scan.id) {
        this.settled = done && complete;
      }
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error; // the scan was removed meanwhile; the next list says so
      }
    }
  }

  /** @param {Scan} scan */
  async refreshCommands(scan) {
    let text = "";
    try {
      text = await fetchCommands(scan.id);
    } catch (error) {
      if (!(error instanceof Refusal)) {
        throw error; // a server may have no commands of a scan from before its start
      }
    }
    if (this.scan?.id !== scan.id) {
      return;
    }
    this.commandsAt = performance.now();
    this.commands = text;
    this.tree.show(text, text === "" ? "The server has no commands of this scan." : "No commands.");
    this.tree.mark(this.scan.address, this.follow.checked);
  }

  /**
   * @param {Scan} scan
   * @returns {Promise<boolean>} Whether all is here that was logged.
   */
  async refreshData(scan) {
    const serial = await fetchLastSerial(scan.id);
    const known = this.log.last;
    if (serial === known) {
      return true;
    }
    if (this.scan?.id !== scan.id || performance.now() < this.dataNotBefore) {
      return false;
    }
    const began = performance.now();
    const { data, added } = await fetchData(scan.id, known);
    if (this.scan?.id !== scan.id) {
      return false;
    }
    if (!added) {
      this.log.clear();
    }
    this.log.add(data);
    this.showData();
    const took = performance.now() - began;
    this.dataNotBefore = performance.now() + took * (1 / SHARE - 1);
    return this.log.last >= serial; // a sample may be announced before it can be had
  }

  showData() {
    const id = this.scan?.id ?? -1;
    this.plotting.show(id, this.log, this.tree.loopDevices);
    this.samples.show(this.log);
  }

  downloadData() {
    if (this.scan !== null && this.log.columns.size > 0) {
      const name = `scan-${this.scan.id}-${fileName(this.scan.name)}.csv`;
      download(name, "text/csv", this.log.csv());
    }
  }

  downloadCommands() {
    if (this.scan !== null && this.commands !== "") {
      const name = `scan-${this.scan.id}-${fileName(this.scan.name)}.scn`;
      download(name, "text/xml", [this.commands]);
    }
  }
}
