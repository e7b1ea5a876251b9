/**
 * The commands of a scan as an indented tree, with the current one marked.
 */

import { childText, parse } from "./api.js";
import { byId, make, setAttribute } from "./dom.js";
import { number } from "./format.js";

const MOST_SHOWN = 20_000;

/** @type {Record<string, string>} */
const COMPARISONS = {
  EQUALS: "=",
  UNEQUAL: "≠",
  ABOVE: ">",
  AT_LEAST: "≥",
  BELOW: "<",
  AT_MOST: "≤",
  INCREASE_BY: "increased by",
  DECREASE_BY: "decreased by",
  IN: "in",
  NOT_IN: "not in",
};

/**
 * Return what a command does, in words.
 * @param {Element} command
 * @returns {{verb: string, rest: string}}
 */
export function describe(command) {
  const get = (/** @type {string} */ name) => childText(command, name).trim();
  const value = () => number(get("value"));
  const compared = () => `${get("device")} ${COMPARISONS[get("comparison")] ?? "="} ${value()}`;
  switch (command.nodeName) {
    case "comment":
      return { verb: "#", rest: get("text") };
    case "config_log":
      return { verb: "Log mode", rest: get("automatic") === "true" ? "automatic" : "on command" };
    case "delay":
      return { verb: "Delay", rest: `${number(get("seconds"))} s` };
    case "if":
      return { verb: "If", rest: compared() + within(get("tolerance")) };
    case "include":
      return { verb: "Include", rest: [get("scan_file"), get("macros")].filter(Boolean).join(", ") };
    case "log":
      return { verb: "Log", rest: listed(command, "devices").join(", ") };
    case "loop": {
      const range = `${number(get("start"))} … ${number(get("end"))}, step ${number(get("step"))}`;
      return { verb: "Loop", rest: `${get("device")} = ${range}${condition(get)}` };
    }
    case "parallel":
      return { verb: "Parallel", rest: limit(get("timeout")).replace(/^, /, "") };
    case "script":
      return { verb: "Script", rest: `${get("path")}(${listed(command, "arguments").join(", ")})` };
    case "sequence":
      return { verb: "Sequence", rest: "" };
    case "set":
      return { verb: "Set", rest: `${get("device")} = ${value()}${condition(get)}` };
    case "wait":
      return { verb: "Wait for", rest: compared() + within(get("tolerance")) + limit(get("timeout")) };
    default:
      return { verb: command.nodeName, rest: "" };
  }
}

/** @param {string} tolerance */
function within(tolerance) {
  return Number(tolerance) > 0 && number(tolerance) !== "0.1" ? ` ± ${number(tolerance)}` : "";
}

/** @param {string} timeout */
function limit(timeout) {
  return Number(timeout) > 0 ? `, at most ${number(timeout)} s` : "";
}

/**
 * Return what a write waits for.
 * @param {(name: string) => string} get
 */
function condition(get) {
  const parts = get("completion") === "true" ? [", with completion"] : [];
  if (get("readback") !== "" && get("wait") !== "false") {
    const wanted = get("readback_value") === "" ? "" : ` = ${number(get("readback_value"))}`;
    parts.push(`, check ${get("readback")}${wanted}${within(get("tolerance"))}`);
  }
  return parts.join("") + limit(get("timeout"));
}

/**
 * @param {Element} command
 * @param {string} name
 */
function listed(command, name) {
  const list = [...command.children].find((child) => child.nodeName === name);
  return [...(list?.children ?? [])].map((child) => child.textContent ?? "");
}

/** @param {Element} command */
function bodyOf(command) {
  return [...command.children].find((child) => child.nodeName === "body");
}

/** The tree in the page. */
export class CommandTree {
  constructor() {
    this.frame = byId("commands", HTMLElement);
    /** @type {HTMLElement[]} By address. */
    this.lines = [];
    /** The document that is shown. */
    this.text = "";
    this.current = -1;
    /** @type {string[]} Devices of loops, the outermost first. */
    this.loopDevices = [];
  }

  /**
   * Show commands.
   * @param {string} text The document.
   * @param {string} nothing What to say where there are none.
   */
  show(text, nothing) {
    if (text === this.text && this.frame.firstChild !== null) {
      return;
    }
    this.text = text;
    this.lines = [];
    this.loopDevices = [];
    this.current = -1;
    const commands = text === "" ? [] : [...parse(text, "commands").children];
    const list = make("ol", { class: "tree" });
    this.append(list, commands);
    if (commands.length === 0) {
      this.frame.replaceChildren(make("p", { class: "nothing" }, nothing));
    } else if (this.lines.length >= MOST_SHOWN) {
      const note = `Only the first ${MOST_SHOWN} commands are shown; the XML has all.`;
      this.frame.replaceChildren(list, make("p", { class: "nothing" }, note));
    } else {
      this.frame.replaceChildren(list);
    }
  }

  /**
   * @param {HTMLElement} list
   * @param {Element[]} commands
   */
  append(list, commands) {
    for (const command of commands) {
      if (this.lines.length >= MOST_SHOWN) {
        return;
      }
      const { verb, rest } = describe(command);
      const handler = childText(command, "error_handler").trim();
      const line = make(
        "div",
        { class: command.nodeName === "comment" ? "line comment" : "line" },
        make("span", { class: "address" }, String(this.lines.length)),
        make("span", { class: "words" }, make("b", {}, verb), ` ${rest}`),
      );
      if (handler !== "") {
        line.append(make("span", { class: "handler" }, `on error: ${handler}`));
      }
      this.lines.push(line);
      const item = make("li", {}, line);
      list.append(item);
      if (command.nodeName === "loop") {
        this.loopDevices.push(childText(command, "device"));
      }
      const body = bodyOf(command);
      if (body !== undefined && body.children.length > 0) {
        const inner = make("ol");
        item.append(inner);
        this.append(inner, [...body.children]);
      }
    }
  }

  /**
   * Mark the command at an address, and bring it into view when it is another one than before.
   * @param {number} address -1 for none.
   * @param {boolean} follow Whether to bring it into view.
   */
  mark(address, follow) {
    if (address === this.current) {
      return;
    }
    const before = this.lines[this.current];
    if (before !== undefined) {
      setAttribute(before, "aria-current", null);
    }
    this.current = address;
    const line = this.lines[address];
    if (line === undefined) {
      return;
    }
    setAttribute(line, "aria-current", "step");
    if (follow) {
      // Only this frame is scrolled: scrollIntoView would move the whole page on a phone
      const { top, bottom } = line.getBoundingClientRect();
      const frame = this.frame.getBoundingClientRect();
      if (top < frame.top || bottom > frame.bottom) {
        this.frame.scrollTop += top - frame.top - (frame.height - (bottom - top)) / 2;
      }
    }
  }
}
