/**
 * Writing, checking and submitting a scan.
 */

import { Refusal, Unreachable, simulate, submit } from "./api.js";
import { byId, confirmed, make, say, setText } from "./dom.js";
import { findFault } from "./fault.js";
import { span } from "./format.js";

const EXAMPLE = `<commands>
  <comment><text>Step motor_x and count at each place</text></comment>
  <loop>
    <device>motor_x</device>
    <start>0</start>
    <end>5</end>
    <step>0.5</step>
    <completion>true</completion>
    <wait>false</wait>
    <body>
      <set><device>neutrons</device><value>0</value><wait>false</wait></set>
      <delay><seconds>1</seconds></delay>
      <log>
        <devices><device>motor_x</device><device>neutrons</device></devices>
      </log>
    </body>
  </loop>
</commands>
`;
const MOST_LINES = 2000;

/**
 * Return a document as it is sent, in UTF-8: an encoding that it declares would be wrong.
 * @param {string} text
 */
function forServer(text) {
  return text.replace(/^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')/, "$1").trimStart();
}

/**
 * Return the text of a file, by the encoding that it declares.
 * @param {File} file
 */
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  const head = new TextDecoder("latin1").decode(bytes.slice(0, 200));
  const declared = /^<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']/.exec(head);
  try {
    return new TextDecoder(declared?.[1] ?? "utf-8").decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes); // an encoding that the browser does not know
  }
}

/** The dialog for a new scan. */
export class Editor {
  /**
   * @param {object} page
   * @param {(id: number) => void} page.submitted
   * @param {(error: unknown) => void} page.failed
   */
  constructor(page) {
    this.page = page;
    this.dialog = byId("editor", HTMLDialogElement);
    this.text = byId("editor-text", HTMLTextAreaElement);
    this.name = byId("editor-name", HTMLInputElement);
    this.timeout = byId("editor-timeout", HTMLInputElement);
    this.result = byId("editor-result", HTMLElement);
    this.log = byId("editor-log", HTMLOListElement);
    this.file = byId("editor-file", HTMLInputElement);
    this.busy = false;
    this.on("editor-example", () => this.fill(EXAMPLE, "Example"));
    this.on("editor-open", () => this.file.click());
    this.on("editor-check", () => this.check());
    this.on("editor-submit", () => this.submit());
    this.on("editor-close", () => this.dialog.close());
    this.file.addEventListener("change", () => this.take(this.file.files));
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void this.check();
      }
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      void this.take(event.dataTransfer?.files ?? null);
    });
  }

  /**
   * @param {string} id Of a button.
   * @param {() => unknown} act
   */
  on(id, act) {
    byId(id, HTMLButtonElement).addEventListener("click", () => void act());
  }

  open() {
    if (!this.dialog.open) {
      this.dialog.showModal();
    }
    this.text.focus();
  }

  /**
   * Put a document in, after asking where it would replace another one.
   * @param {string} text
   * @param {string} name Of the scan.
   */
  async fill(text, name) {
    const present = this.text.value.trim();
    const question = "Replace the commands in the editor?";
    if (present !== "" && present !== text.trim()) {
      if (!(await confirmed(question, "What was written there is lost.", "Replace"))) {
        return;
      }
    }
    this.text.value = text;
    this.name.value = name;
    this.tell("", "plain");
    this.open();
    this.text.setSelectionRange(0, 0);
  }

  /** @param {FileList | null} files */
  async take(files) {
    const file = files?.[0];
    if (file !== undefined) {
      const text = await textOf(file);
      this.file.value = ""; // so that the same file can be chosen again
      await this.fill(text, file.name.replace(/\.(scn|xml)$/i, ""));
    }
  }

  /**
   * Say what came of a check or a submission.
   * @param {string} text
   * @param {"plain" | "good" | "bad"} kind
   * @param {string} [lines] Further text, of which each line is shown.
   */
  tell(text, kind, lines = "") {
    this.result.dataset.kind = kind;
    setText(this.result, text);
    const all = lines === "" ? [] : lines.replace(/\n+$/, "").split("\n");
    const shown = all.slice(0, MOST_LINES).map((line) => {
      return make("li", { class: line.startsWith("ERROR") ? "error" : "" }, line);
    });
    if (all.length > MOST_LINES) {
      shown.push(make("li", {}, `… and ${all.length - MOST_LINES} more lines`));
    }
    this.log.replaceChildren(...shown);
    this.log.hidden = shown.length === 0;
  }

  /** Return the document, or null after saying what is wrong with it. */
  document() {
    const text = forServer(this.text.value);
    const skipped = this.text.value.length - this.text.value.trimStart().length;
    if (text === "") {
      this.tell("There are no commands yet. Write some, open a file, or insert the example.", "bad");
      return null;
    }
    const fault = findFault(text);
    if (fault === null) {
      return text;
    }
    const above = this.text.value.slice(0, skipped).split("\n").length - 1;
    this.tell(`Not well-formed, line ${fault.line + above}, column ${fault.column}: ${fault.message}`, "bad");
    const lines = this.text.value.split("\n");
    const before = lines.slice(0, fault.line + above - 1).reduce((sum, line) => sum + line.length + 1, 0);
    this.text.focus();
    this.text.setSelectionRange(before, before + (lines[fault.line + above - 1] ?? "").length);
    return null;
  }

  /**
   * Do one thing with the document at a time.
   * @param {(text: string) => Promise<void>} work
   */
  async withDocument(work) {
    const text = this.busy ? null : this.document();
    if (text === null) {
      return;
    }
    this.busy = true;
    this.dialog.setAttribute("aria-busy", "true");
    try {
      await work(text);
    } catch (error) {
      if (error instanceof Refusal) {
        const first = error.reason.split("\n")[0];
        this.tell(error.text, "bad", error.reason === first ? "" : error.reason);
      } else {
        this.tell("", "plain");
        this.page.failed(error);
      }
    } finally {
      this.busy = false;
      this.dialog.removeAttribute("aria-busy");
    }
  }

  /** Have the server simulate it. */
  check() {
    return this.withDocument(async (text) => {
      this.tell("Simulating …", "plain");
      const { log, seconds } = await simulate(text);
      const errors = log.split("\n").filter((line) => line.startsWith("ERROR")).length;
      const time = `estimated time ${span(seconds * 1000)}`;
      if (errors > 0) {
        const found = errors === 1 ? "1 error" : `${errors} errors`;
        this.tell(`The simulation found ${found}; ${time} up to there.`, "bad", log);
      } else {
        this.tell(`Well-formed, and the simulation found no errors; ${time}.`, "good", log);
      }
    });
  }

  submit() {
    const name = this.name.value.trim() || "UnNamed";
    if (/^\.{1,2}$/.test(name)) {
      this.tell(`“${name}” cannot be the name of a scan.`, "bad");
      return this.name.focus();
    }
    if (!this.timeout.checkValidity()) {
      this.tell("The time limit is whole seconds, 0 or more; leave it empty for none.", "bad");
      return this.timeout.focus();
    }
    return this.withDocument(async (text) => {
      this.tell("Submitting …", "plain");
      const queue = byId("editor-queue", HTMLInputElement).checked;
      const prePost = byId("editor-prepost", HTMLInputElement).checked;
      try {
        const id = await submit(text, { name, queue, prePost, timeout: this.timeout.value });
        this.tell("", "plain");
        this.dialog.close();
        say(`Submitted as scan ${id}.`);
        this.page.submitted(id);
      } catch (error) {
        if (!(error instanceof Unreachable)) {
          throw error;
        }
        const advice = "The scan may be queued all the same: look at the list before submitting again.";
        this.tell(`The server did not answer (${error.message}). ${advice}`, "bad");
      }
    });
  }
}
