/**
 * Looking again and again: one look at a time, at a pace that suits, and none while nobody watches.
 */

const PACE = { lively: 500, calm: 2000, retry: 2000 };

/** Calls `look` from time to time. */
export class Poll {
  /**
   * @param {() => Promise<keyof typeof PACE | null>} look Returns how soon to look again; null for not at all,
   *   until `soon` is called.
   */
  constructor(look) {
    this.look = look;
    this.busy = false;
    this.again = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    document.addEventListener("visibilitychange", () => this.soon());
  }

  /** Look at once; after the present look, where one is under way. */
  soon() {
    clearTimeout(this.timer);
    if (this.busy) {
      this.again = true;
    } else if (!document.hidden) {
      void this.go();
    }
  }

  async go() {
    this.busy = true;
    this.again = false;
    const pace = await this.look();
    this.busy = false;
    if (this.again) {
      this.soon();
    } else if (pace !== null && !document.hidden) {
      this.timer = setTimeout(() => this.soon(), PACE[pace]);
    }
  }
}
