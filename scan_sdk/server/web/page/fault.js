/**
 * Where a text stops being well-formed XML. The browser's own parser knows as well, but puts what it finds into a
 * document with inline styles, which the page's policy forbids.
 */

const NAME = "[\\p{L}_:][\\p{L}\\p{N}_:.\\u00b7-]*";
const SPACE = "[ \\t\\r\\n]";
const ATTRIBUTE = `${SPACE}+(${NAME})${SPACE}*=${SPACE}*("[^<"]*"|'[^<']*')`;
const START = new RegExp(`<(${NAME})((?:${ATTRIBUTE})*)${SPACE}*(/?)>`, "uy");
const END = new RegExp(`</(${NAME})${SPACE}*>`, "uy");
const DECLARATION = new RegExp(
  `<\\?xml${SPACE}+version${SPACE}*=${SPACE}*("[\\w.:-]+"|'[\\w.:-]+')` +
    `(?:${SPACE}+encoding${SPACE}*=${SPACE}*("[A-Za-z][\\w.-]*"|'[A-Za-z][\\w.-]*'))?` +
    `(?:${SPACE}+standalone${SPACE}*=${SPACE}*("(?:yes|no)"|'(?:yes|no)'))?${SPACE}*\\?>`,
  "y",
);
const INSTRUCTION = new RegExp(`<\\?(${NAME})(?:${SPACE}[^]*?)?\\?>`, "uy");
const COMMENT = /<!--(?:[^-]|-(?!-))*-->/y;
const CDATA = /<!\[CDATA\[[^]*?\]\]>/y;
const TEXT = /[^<]+/y;
const NO_CHARACTER = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Surrogate}]/u;
const NO_REFERENCE = /&(?!(?:lt|gt|amp|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)/;

/** A place in the text, and what is wrong there. */
class Fault extends Error {
  /**
   * @param {number} at
   * @param {string} message
   */
  constructor(at, message) {
    super(message);
    this.at = at;
  }
}

/**
 * Return the first fault of a document; null where it is well-formed.
 * @param {string} text
 * @returns {{line: number, column: number, message: string} | null}
 */
export function findFault(text) {
  try {
    check(text);
    return null;
  } catch (error) {
    if (!(error instanceof Fault)) {
      throw error;
    }
    const before = text.slice(0, error.at).split("\n");
    return { line: before.length, column: (before.at(-1) ?? "").length + 1, message: error.message };
  }
}

/** @param {string} text */
function check(text) {
  refuse(text, NO_CHARACTER, 0, "a character that XML cannot hold");
  /** @type {{name: string, at: number}[]} */
  const open = [];
  let roots = 0;
  let at = 0;
  /** @param {RegExp} pattern */
  const take = (pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    let found = take(TEXT);
    if (found !== null) {
      checkText(found[0], at, open.length > 0);
    } else if ((found = take(START)) !== null) {
      if (open.length === 0 && roots > 0) {
        throw new Fault(at, `<${found[1]}> after the end of the document`);
      }
      roots += 1;
      checkAttributes(found[2], at + 1 + found[1].length);
      if (found[5] === "") {
        open.push({ name: found[1], at });
      }
    } else if ((found = take(END)) !== null) {
      const last = open.pop();
      if (last?.name !== found[1]) {
        const wanted = last === undefined ? "nothing is open" : `</${last.name}> is expected`;
        throw new Fault(at, `</${found[1]}> where ${wanted}`);
      }
    } else if ((found = take(INSTRUCTION)) !== null) {
      if (found[1].toLowerCase() === "xml" && (at > 0 || take(DECLARATION) === null)) {
        throw new Fault(at, "an XML declaration that is misplaced or miswritten");
      }
    } else if ((found = take(CDATA)) === null || open.length === 0) {
      found = take(COMMENT);
    }
    if (found === null) {
      throw new Fault(at, `cannot be read: ${text.slice(at, at + 30).split("\n")[0]}`);
    }
    at += found[0].length;
  }
  const last = open.at(-1);
  if (last !== undefined) {
    throw new Fault(last.at, `<${last.name}> is never closed`);
  }
  if (roots === 0) {
    throw new Fault(0, "there is no element");
  }
}

/**
 * @param {string} text
 * @param {number} at Where it is in the document.
 * @param {boolean} within Whether it is in an element.
 */
function checkText(text, at, within) {
  if (!within) {
    refuse(text, /[^ \t\r\n]/, at, "text outside of the document");
  }
  refuse(text, /\]\]>/, at, "]]> can only end a CDATA section");
  checkReferences(text, at);
}

/**
 * @param {string} text
 * @param {number} at
 */
function checkReferences(text, at) {
  refuse(text, NO_REFERENCE, at, "a lone &, to be written as &amp;");
  for (const found of text.matchAll(/&#(x?)([0-9a-fA-F]+);/g)) {
    const code = Number.parseInt(found[2], found[1] === "x" ? 16 : 10);
    if (code > 0x10ffff || NO_CHARACTER.test(String.fromCodePoint(code))) {
      throw new Fault(at + found.index, "a character that XML cannot hold");
    }
  }
}

/**
 * @param {string} text
 * @param {number} at
 */
function checkAttributes(text, at) {
  checkReferences(text, at);
  const names = new Set();
  for (const found of text.matchAll(new RegExp(ATTRIBUTE, "ug"))) {
    if (names.has(found[1])) {
      throw new Fault(at + found.index, `attribute ${found[1]} given twice`);
    }
    names.add(found[1]);
  }
}

/**
 * Refuse what a pattern finds.
 * @param {string} text
 * @param {RegExp} pattern
 * @param {number} at Where the text is in the document.
 * @param {string} message
 */
function refuse(text, pattern, at, message) {
  const found = pattern.exec(text);
  if (found !== null) {
    throw new Fault(at + found.index, message);
  }
}
