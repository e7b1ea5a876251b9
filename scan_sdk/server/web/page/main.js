/**
 * The page: what is shown, and how its parts work together.
 */

import { Refusal, TokenWanted, Unreachable, fetchScans, fetchServer, keepToken, readScans } from "./api.js";
import { Controls } from "./controls.js";
import { Detail } from "./detail.js";
import { byId, say, setText } from "./dom.js";
import { Editor } from "./editor.js";
import { DONE, percentText, span } from "./format.js";
import { Poll } from "./poll.js";
import { ScanTable } from "./scans.js";

/** @typedef {import("./api.js").Scan} Scan */

const SERVER_STALE = 60_000;
const KEYS_OFF = "scan-server-keys-off";

class Page {
  constructor() {
    /** @type {Scan[]} */
    this.scans = [];
    this.scansText = "";
    /** @type {number | null} */
    this.selected = null;
    /** @type {import("./api.js").ServerInfo | null} */
    this.server = null;
    this.serverAt = 0;
    this.detail = new Detail();
    this.table = new ScanTable((id) => this.select(id));
    this.controls = new Controls({
      selected: () => this.selectedScan(),
      scans: () => this.scans,
      show: (scans) => this.showScans(scans),
      failed: (error) => this.failed(error),
    });
    this.editor = new Editor({
      submitted: (id) => this.select(id),
      failed: (error) => this.failed(error),
    });
    this.poll = new Poll(() => this.look());
    addEventListener("hashchange", () => this.readHash());
    this.readHash();
    this.listen();
    this.poll.soon();
  }

  // What is selected

  selectedScan() {
    return this.scans.find(({ id }) => id === this.selected) ?? null;
  }

  readHash() {
    const found = /^#scan=(\d+)$/.exec(location.hash);
    if (found !== null && Number(found[1]) !== this.selected) {
      this.select(Number(found[1]));
    }
  }

  /** @param {number} id */
  select(id) {
    this.selected = id;
    history.replaceState(null, "", `#scan=${id}`);
    this.table.select(id);
    this.showSelected();
    this.poll.soon();
  }

  // Looking at the server

  /** @returns {Promise<"lively" | "calm" | "retry" | null>} */
  async look() {
    try {
      const text = await fetchScans();
      if (text !== this.scansText || this.server === null) {
        const start = performance.now();
        this.showScans(readScans(text));
        this.scansText = text;
        performance.clearMeasures("scans");
        performance.measure("scans", { start }); // what a list costs the browser, for developer tools and tests
      }
      if (this.server === null || performance.now() - this.serverAt > SERVER_STALE) {
        this.server = await fetchServer();
        this.serverAt = performance.now();
      }
      if (this.selectedScan() === null) {
        this.showSelected(); // which can say only now that there is no such scan
      }
      this.showConnection("connected");
      await this.detail.refresh();
      return this.scans.some(({ state }) => !DONE.has(state)) ? "lively" : "calm";
    } catch (error) {
      if (error instanceof TokenWanted) {
        this.showConnection("locked");
        this.askForToken();
        return null;
      }
      if (!(error instanceof Refusal || error instanceof Unreachable)) {
        reportError(error); // a mistake in this page, to be seen in the console
      }
      this.server = null; // it may be another one that comes back
      this.showConnection("lost");
      return "retry";
    }
  }

  /** @param {Scan[]} scans */
  showScans(scans) {
    const before = this.selectedScan();
    const place = this.scans.findIndex(({ id }) => id === this.selected);
    this.scans = scans;
    this.scansText = "";
    this.table.show(scans);
    const now = this.selectedScan();
    if (now === null && before !== null && scans.length > 0) {
      this.select(scans[Math.min(place, scans.length - 1)].id); // it was removed
    } else if (this.selected === null && scans.length > 0) {
      this.select((scans.find(({ state }) => state === "Running" || state === "Paused") ?? scans[0]).id);
    } else {
      this.showSelected();
    }
    if (before !== null && now !== null && before.state !== now.state && DONE.has(now.state)) {
      const error = now.error === "" ? "" : `: ${now.error}`;
      say(`Scan ${now.id} ended: ${now.state}${error}.`, now.state === "Finished" ? "done" : "refused");
    }
  }

  showSelected() {
    const scan = this.selectedScan();
    const unknown = this.selected !== null && this.server !== null;
    this.detail.show(scan, unknown ? `This server has no scan ${this.selected}.` : "No scan is selected.");
    this.controls.show(scan);
    const parts = scan === null ? [] : [`${scan.state} ${percentText(scan)}`.trim(), scan.name];
    document.title = [...parts, "Scan server"].join(" · ");
  }

  /** @param {"connected" | "lost" | "locked"} state */
  showConnection(state) {
    const texts = { connected: "connected", lost: "not reachable", locked: "token wanted" };
    const shown = byId("connection", HTMLElement);
    shown.dataset.state = state;
    setText(shown, texts[state]);
    byId("banner-lost", HTMLElement).hidden = state !== "lost";
    byId("banner-locked", HTMLElement).hidden = state !== "locked";
    if (this.server !== null) {
      const { version, started, config } = this.server;
      setText(byId("server-name", HTMLElement), location.host);
      setText(byId("server-version", HTMLElement), version);
      setText(byId("server-uptime", HTMLElement), span(Date.now() - started));
      setText(byId("server-config", HTMLElement), config.replace(/^.*\//, ""));
    }
  }

  /** @param {unknown} error From something that the user wanted. */
  failed(error) {
    if (error instanceof TokenWanted) {
      this.askForToken();
    } else if (error instanceof Refusal) {
      say(`Refused by the server: ${error.text}`, "refused");
    } else if (!(error instanceof Unreachable)) {
      reportError(error);
    } else {
      say("The server did not answer; whether it took the request is not known.", "refused");
    }
    this.poll.soon();
  }

  askForToken() {
    const dialog = byId("token", HTMLDialogElement);
    if (!dialog.open) {
      byId("token-text", HTMLInputElement).value = "";
      dialog.showModal();
    }
  }

  // The user

  listen() {
    const on = (/** @type {string} */ id, /** @type {() => void} */ act) =>
      byId(id, HTMLButtonElement).addEventListener("click", act);
    on("new-scan", () => this.editor.open());
    on("copy-commands", () => this.copyCommands());
    on("show-help", () => byId("help", HTMLDialogElement).showModal());
    on("enter-token", () => this.askForToken());
    const token = byId("token", HTMLDialogElement);
    token.addEventListener("close", () => {
      if (token.returnValue === "use") {
        keepToken(byId("token-text", HTMLInputElement).value.trim());
        this.poll.soon();
      }
      token.returnValue = "";
    });
    const keys = byId("keys-on", HTMLInputElement);
    keys.checked = localStorage.getItem(KEYS_OFF) === null;
    keys.addEventListener("change", () => {
      if (keys.checked) {
        localStorage.removeItem(KEYS_OFF);
      } else {
        localStorage.setItem(KEYS_OFF, "yes");
      }
    });
    document.addEventListener("keydown", (event) => this.onKey(event, keys.checked));
  }

  copyCommands() {
    const scan = this.selectedScan();
    if (scan !== null && this.detail.commands !== "") {
      void this.editor.fill(this.detail.commands, scan.name);
    } else {
      say("There are no commands to copy.", "refused");
    }
  }

  /**
   * @param {KeyboardEvent} event
   * @param {boolean} enabled Whether single keys are shortcuts.
   */
  onKey(event, enabled) {
    const target = event.target;
    const typing =
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && target.type !== "checkbox");
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    if (!enabled || typing || modified || document.querySelector("dialog[open]") !== null) {
      return;
    }
    /** @type {Record<string, () => unknown>} */
    const keys = {
      j: () => this.table.move(1),
      k: () => this.table.move(-1),
      p: () => this.controls.perform("pause"),
      r: () => this.controls.perform("resume"),
      n: () => this.controls.perform("next"),
      a: () => this.controls.perform("abort"),
      d: () => this.controls.perform("delete"),
      "[": () => this.controls.perform("earlier"),
      "]": () => this.controls.perform("later"),
      s: () => this.editor.open(),
      c: () => this.copyCommands(),
      "/": () => byId("filter", HTMLInputElement).focus(),
      "?": () => byId("help", HTMLDialogElement).showModal(),
    };
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (act !== undefined) {
      event.preventDefault();
      void act();
    }
  }
}

new Page();
