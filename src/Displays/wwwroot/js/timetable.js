// What session of the calendar runs in a hall, and what changes next: for those who work there.

import { get } from './api.js';
import { hallNow } from './clock.js';

export class Timetable {
  #hall;
  #timeline = null;
  #onNews;

  /** @param onNews called when the running day was read. */
  constructor(hall, onNews) {
    [this.#hall, this.#onNews] = [hall, onNews];
  }

  /** Reads the running day anew: at a moment of the calendar, which comes as a whole new picture of the hall. */
  async ask() {
    const answer = await get(`halls/${encodeURIComponent(this.#hall)}`);
    if (!answer.ok) return;
    this.#timeline = answer.data.timeline;
    this.#onNews();
  }

  /** False for a hall that is always open, and until the day was read. */
  get isKnown() {
    return this.#timeline !== null;
  }

  /** {session, untilServed …}; null between sessions. */
  get session() {
    return this.#timeline?.sessions.find(s => Date.parse(s.from) <= hallNow() && hallNow() < Date.parse(s.to)) ?? null;
  }

  /** The next moment of today that changes anything, {at, what, session?}: `session`, `closed`, `issuing` or `noIssuing`; null when none is left. */
  get next() {
    const moments = [];
    for (const s of this.#timeline?.sessions ?? []) {
      moments.push({ at: s.from, what: 'session', session: s.session });
      moments.push({ at: s.to, what: 'closed' });
    }
    for (const s of this.#timeline?.issuing ?? []) moments.push({ at: s.from, what: 'issuing' }, { at: s.to, what: 'noIssuing' });
    // Where one session follows another, it is the new one that is told.
    const rank = ['session', 'closed', 'noIssuing', 'issuing'];
    return moments.filter(m => Date.parse(m.at) > hallNow()).sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || rank.indexOf(a.what) - rank.indexOf(b.what))[0] ?? null;
  }
}
