/**
 * Times, numbers and states as people read them.
 */

/** @typedef {import("./api.js").Scan} Scan */

/** States of a scan that is over. */
export const DONE = new Set(["Aborted", "Failed", "Finished", "Logged"]);

/**
 * Return a time span such as "1:02:03" or "0:07".
 * @param {number} milliseconds
 */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const clock = `${minutes}:${two(seconds % 60)}`;
  if (days > 0) {
    return `${days} d ${hours}:${two(minutes)} h`;
  }
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : clock;
}

/**
 * Return the time of day of a moment, in local time.
 * @param {Date} date
 */
export function clock(date) {
  return date.toLocaleTimeString([], { hourCycle: "h23" });
}

/**
 * Return a moment in local time, without the date where it is today.
 * @param {number | null} milliseconds Since 1970.
 * @param {boolean} [brief] Whether the date alone will do where it is another day.
 */
export function moment(milliseconds, brief = false) {
  const date = new Date(milliseconds ?? Number.NaN);
  if (Number.isNaN(date.getTime())) {
    return "–";
  }
  if (date.toDateString() === new Date().toDateString()) {
    return clock(date);
  }
  return brief ? isoDay(date) : `${isoDay(date)} ${clock(date)}`;
}

/** @param {Date} date */
function isoDay(date) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * Return how much of a scan is done, as whole percent.
 * @param {Scan} scan
 */
export function percent(scan) {
  return scan.total > 0 ? Math.floor((100 * scan.performed) / scan.total) : 0;
}

/**
 * Return how much of a scan is done as a text; empty for one that ended early, as servers count it all as done.
 * @param {Scan} scan
 */
export function percentText(scan) {
  return DONE.has(scan.state) && scan.state !== "Finished" ? "" : `${percent(scan)} %`;
}

/**
 * Return how long a scan still takes by the server's estimate, empty where nobody knows.
 * @param {Scan} scan
 */
export function timeLeft(scan) {
  if (DONE.has(scan.state) || scan.state === "Idle" || scan.finish === null || scan.performed === 0) {
    return "";
  }
  return span(scan.finish - Date.now());
}

/**
 * Return what a scan is at in one line: its error where it has one, else its command.
 * @param {Scan} scan
 */
export function doing(scan) {
  if (scan.error !== "") {
    return scan.error;
  }
  if (scan.state === "Idle") {
    return "waits in the queue";
  }
  return DONE.has(scan.state) ? "" : scan.command;
}

/**
 * Return a number of the wire, a Java double, as people write it.
 * @param {string} text
 */
export function number(text) {
  return text.trim().replace(/^(-?\d+)\.0$/, "$1");
}

/**
 * Return a value that was logged with no more digits than help.
 * @param {number} value
 */
export function value(value) {
  return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : String(value);
}
