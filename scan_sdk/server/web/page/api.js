/**
 * Talking to the scan server: the same XML endpoints that every client uses.
 */

/**
 * @typedef {object} Scan
 * @property {number} id
 * @property {string} name
 * @property {number} created Milliseconds since 1970.
 * @property {string} state
 * @property {number} runtime Milliseconds.
 * @property {number} total Work units.
 * @property {number} performed Work units.
 * @property {number | null} finish Milliseconds since 1970, estimated while it runs.
 * @property {number} address Of the current command; -1 for none.
 * @property {string} command
 * @property {string} error Empty for none.
 */

/**
 * @typedef {object} ServerInfo
 * @property {string} version
 * @property {number} started Milliseconds since 1970.
 * @property {string} config
 */

/** The server said no; the text is its reason. */
export class Refusal extends Error {
  /**
   * @param {number} status Of HTTP.
   * @param {string} message
   * @param {string} [reason] What lies behind it; empty where the server does not say.
   */
  constructor(status, message, reason = "") {
    super(message);
    this.status = status;
    this.reason = reason;
  }

  /** All that the server said, in one line. */
  get text() {
    return this.reason === "" ? this.message : `${this.message}: ${this.reason.split("\n")[0]}`;
  }
}

/** The server wants to know who asks. */
export class TokenWanted extends Error {}

/** Nothing that a scan server says has come back. */
export class Unreachable extends Error {}

const TOKEN = "scan-server-token";
const SMALL = 15_000;
const LARGE = 120_000;
const XML = { "Content-Type": "text/xml" };

/**
 * Keep the token for as long as this tab is open.
 * @param {string} token
 */
export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

/**
 * Send a request and return its reply.
 * @param {string} path Below the page's own address, so that a proxy may put the server behind a path.
 * @param {RequestInit} [options]
 * @param {number} [limit] Milliseconds.
 * @returns {Promise<{headers: Headers, text: string}>}
 */
async function request(path, options = {}, limit = SMALL) {
  const headers = new Headers(options.headers);
  const token = sessionStorage.getItem(TOKEN);
  if (token !== null) {
    headers.set("Authorization", `Bearer ${token}`);
  }
  let reply, text;
  try {
    const signal = AbortSignal.timeout(limit);
    reply = await fetch(path, { cache: "no-store", ...options, headers, signal });
    text = await reply.text();
  } catch (error) {
    throw new Unreachable(error instanceof Error ? error.message : String(error));
  }
  if (reply.status === 401) {
    throw new TokenWanted();
  }
  if (!reply.ok) {
    throw readRefusal(reply.status, text);
  }
  return { headers: reply.headers, text };
}

/**
 * Return what the server said in refusing: an <error>, which a real server may have left ill-formed, the page
 * that a servlet container makes, or plain text.
 * @param {number} status
 * @param {string} text
 */
export function readRefusal(status, text) {
  const said = /<message>([^]*?)<\/message>/.exec(text);
  if (said !== null) {
    const trace = /<trace>([^]*?)<\/trace>/.exec(text);
    return new Refusal(status, unescape(said[1]).trim(), unescape(trace === null ? "" : trace[1]).trim());
  }
  if (/<html/i.test(text)) {
    const page = new DOMParser().parseFromString(text, "text/html");
    const rows = [...page.querySelectorAll("tr")];
    const row = rows.find((found) => found.cells[0]?.textContent === "MESSAGE:");
    return new Refusal(status, row?.cells[1]?.textContent || page.title || `HTTP status ${status}`);
  }
  return new Refusal(status, text.trim() || `The server refused, and gives no reason (HTTP status ${status})`);
}

/** @param {string} text */
function unescape(text) {
  const known = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name) => known[/** @type {keyof known} */ (name)]);
}

/**
 * Return the root element of a document.
 * @param {string} text
 * @param {string} root Name of the element that it has to be.
 */
export function parse(text, root) {
  const element = new DOMParser().parseFromString(text, "text/xml").documentElement;
  if (element.nodeName !== root) {
    throw new Unreachable(`the answer is no <${root}>`);
  }
  return element;
}

/**
 * Return the text of a child element; empty where there is none.
 * @param {Element} element
 * @param {string} name
 */
export function childText(element, name) {
  for (let child = element.firstElementChild; child !== null; child = child.nextElementSibling) {
    if (child.nodeName === name) {
      return child.textContent ?? "";
    }
  }
  return "";
}

/**
 * @param {Element} element
 * @returns {Scan}
 */
function readScan(element) {
  /** @type {Record<string, string>} */
  const found = {};
  for (let child = element.firstElementChild; child !== null; child = child.nextElementSibling) {
    found[child.nodeName] = child.textContent ?? "";
  }
  return {
    id: Number(found.id),
    name: found.name ?? "",
    created: Number(found.created),
    state: found.state ?? "",
    runtime: Number(found.runtime ?? 0),
    total: Number(found.total_work_units ?? 0),
    performed: Number(found.performed_work_units ?? 0),
    finish: found.finish === undefined ? null : Number(found.finish),
    address: Number(found.address ?? -1),
    command: found.command ?? "",
    error: (found.error ?? "").trim(),
  };
}

/** Scans as last read, by their markup: of a thousand only the few that have changed are read again. */
let known = /** @type {Map<string, Scan>} */ (new Map());

/**
 * Return the scans of a reply; those whose markup is as last time are the same objects.
 * @param {string} text
 * @returns {Scan[]}
 */
export function readScans(text) {
  const end = "</scan>";
  const start = text.indexOf("<scan>");
  if (start < 0) {
    return [...parse(text, "scans").children].map(readScan);
  }
  // Markup cannot stand in a text, so this is where scans end
  const pieces = text.slice(start, text.lastIndexOf(end)).split(end).map((piece) => piece.trimStart());
  const added = pieces.filter((piece) => !known.has(piece));
  const elements = parse(`<scans>${added.map((piece) => piece + end).join("")}</scans>`, "scans").children;
  const read = new Map(added.map((piece, index) => [piece, readScan(elements[index])]));
  const scans = pieces.map((piece) => /** @type {Scan} */ (known.get(piece) ?? read.get(piece)));
  known = new Map(pieces.map((piece, index) => [piece, scans[index]]));
  return scans;
}

/** Return all scans, the newest first, as the text of the reply. */
export async function fetchScans() {
  return (await request("scans")).text;
}

/** @returns {Promise<ServerInfo>} */
export async function fetchServer() {
  const server = parse((await request("server/info")).text, "server");
  return {
    version: childText(server, "version"),
    started: Number(childText(server, "start_time")),
    config: childText(server, "scan_config"),
  };
}

/** @param {number} id */
export async function fetchCommands(id) {
  return (await request(`scan/${id}/commands`, {}, LARGE)).text;
}

/** @param {number} id */
export async function fetchLastSerial(id) {
  return Number(parse((await request(`scan/${id}/last_serial`)).text, "serial").textContent);
}

/**
 * Return what a scan has logged: all of it, or what came after a serial where the server can say that.
 * @param {number} id
 * @param {number} after Serial of the last sample known; -1 for none.
 * @returns {Promise<{data: Element, added: boolean}>} Whether it adds to what is known.
 */
export async function fetchData(id, after) {
  const query = after >= 0 ? `?after=${after}` : "";
  const reply = await request(`scan/${id}/data${query}`, {}, LARGE);
  return { data: parse(reply.text, "data"), added: query !== "" && reply.headers.has("Scan-Data-After") };
}

/**
 * @typedef {object} SubmitOptions
 * @property {string} name
 * @property {boolean} queue
 * @property {boolean} prePost
 * @property {string} timeout Whole seconds; empty for none.
 */

/**
 * Submit a scan and return its id.
 * @param {string} document
 * @param {SubmitOptions} options
 */
export async function submit(document, options) {
  const query = new URLSearchParams();
  if (!options.queue) {
    query.set("queue", "false");
  }
  if (!options.prePost) {
    query.set("pre_post", "false");
  }
  if (options.timeout !== "") {
    query.set("timeout", options.timeout);
  }
  const path = `scan/${encodeURIComponent(options.name)}?${query}`;
  const reply = await request(path, { method: "POST", headers: XML, body: document }, LARGE);
  return Number(parse(reply.text, "id").textContent);
}

/**
 * Return what a scan would do, and the seconds that it would take.
 * @param {string} document
 */
export async function simulate(document) {
  const { text } = await request("simulate", { method: "POST", headers: XML, body: document }, LARGE);
  // A real server leaves "]]>" in the log as it is, which is then no XML
  const log = /<log>([^]*)<\/log>/.exec(text);
  const seconds = /<seconds>([^<]*)<\/seconds>\s*<\/simulation>\s*$/.exec(text);
  if (log === null || seconds === null) {
    throw new Unreachable("the answer is no <simulation>");
  }
  const section = /^\s*<!\[CDATA\[([^]*)\]\]>\s*$/.exec(log[1]);
  return { log: section === null ? unescape(log[1]) : section[1], seconds: Number(seconds[1]) };
}

/**
 * Steer a scan.
 * @param {number} id
 * @param {string} action
 */
export async function control(id, action) {
  await request(`scan/${id}/${action}`, { method: "PUT" });
}

/** @param {number} id */
export async function remove(id) {
  await request(`scan/${id}`, { method: "DELETE" });
}

/** Have the server forget all scans that are done. */
export async function removeCompleted() {
  await request("scans/completed", { method: "DELETE" });
}
