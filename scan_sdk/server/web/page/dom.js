/**
 * Making and changing elements. Text from the server only ever becomes text nodes.
 */

import { clock } from "./format.js";

/**
 * Return the element of the page that has an id.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind Class of the element.
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) {
    throw new Error(`the page has no ${kind.name} #${id}`);
  }
  return found;
}

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children Texts become text nodes.
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Set the text of an element, leaving the document alone where it is the same already.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/**
 * Set or, with null, remove an attribute, leaving the document alone where it is so already.
 * @param {Element} element
 * @param {string} name
 * @param {string | null} value
 */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) === value) {
    return;
  }
  if (value === null) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value);
  }
}

/**
 * Hand a text to the user as a file.
 * @param {string} name
 * @param {string} type Media type.
 * @param {string[]} pieces
 */
export function download(name, type, pieces) {
  const url = URL.createObjectURL(new Blob(pieces, { type }));
  const link = make("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Return a text that is fit for the name of a file.
 * @param {string} text
 */
export function fileName(text) {
  return text.replace(/[^\p{L}\p{N}._-]+/gu, "_").replace(/^[._]+/, "").slice(0, 80) || "scan";
}

/**
 * Ask a question in a dialog of the page; Escape says no.
 * @param {string} question
 * @param {string} consequence What happens on yes.
 * @param {string} yes Text of the button that says yes.
 * @returns {Promise<boolean>}
 */
export function confirmed(question, consequence, yes) {
  const dialog = byId("confirm", HTMLDialogElement);
  setText(byId("confirm-question", HTMLHeadingElement), question);
  setText(byId("confirm-consequence", HTMLParagraphElement), consequence);
  setText(byId("confirm-yes", HTMLButtonElement), yes);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/**
 * Say what happened, to eyes and to screen readers.
 * @param {string} text
 * @param {"done" | "refused"} [kind]
 */
export function say(text, kind = "done") {
  const line = byId("status", HTMLElement);
  line.dataset.kind = kind;
  line.replaceChildren(make("time", {}, clock(new Date())), make("span", {}, text));
}
