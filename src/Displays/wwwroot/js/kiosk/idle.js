// Nobody there any more: first a warning that can be seen, then everything is as if nobody had been. Time is the browser's own, so that a test may drive it.

import { both, fill } from '../page.js';

/** Seconds without a touch until the warning, and from there until the end. Somebody who reads the materials out aloud needs most of a minute. */
export const WARN_AFTER = 45;
export const LEAVE_AFTER = 15;

export class Idle {
  #box;
  #left = null;
  #quiet = 0;
  #isBusy;
  #onLeave;

  /** @param isBusy whether there is anything to leave behind; @param onLeave clears it. */
  constructor(box, isBusy, onLeave) {
    [this.#box, this.#isBusy, this.#onLeave] = [box, isBusy, onLeave];
    for (const kind of ['pointerdown', 'keydown'])
      document.addEventListener(kind, () => this.touched(), true);
    setInterval(() => this.#second(), 1000);
  }

  touched() {
    this.#quiet = 0;
    if (this.#left === null) return;
    this.#left = null;
    this.#box.hidden = true;
  }

  #second() {
    if (!this.#isBusy()) {
      this.touched();
      return;
    }
    this.#quiet++;
    if (this.#quiet < WARN_AFTER) return;
    this.#left = WARN_AFTER + LEAVE_AFTER - this.#quiet;
    if (this.#left <= 0) {
      this.touched();
      this.#onLeave();
      return;
    }
    fill(this.#box, { left: both('kiosk.stillText', this.#left) });
    if (!this.#box.hidden) return;
    this.#box.hidden = false;
    this.#box.querySelector('button').focus();
  }
}
