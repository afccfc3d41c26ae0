// Commands from keys. A press while its answer is outstanding is the same press; after silence, pressing again repeats the request under its key, so that nothing happens twice.

import { newKey, post, put, sentenceOf } from './api.js';

/** Longer than any answer takes: after it the line is taken for dead and the clerk is told, instead of a key that hangs. */
const ANSWER_WITHIN = 8000;

const UNSURE = ['Offline', 'OutcomeUnknown', 'NotRecorded'];

export class Presses {
  #kept = null;
  #busy = null;
  #ongoing = null;
  #waits = false;
  #onBusy;

  /** @param onBusy called with the name of what is being sent, and with null when it is answered. */
  constructor(onBusy = () => {}) {
    this.#onBusy = onBusy;
  }

  /**
   * Does what a key asks for, with all that follows from its answer. Another key's press waits for that, one at most: people are often quicker than the line.
   * @param work returns a promise once it has sent something.
   * @param full what to do with a press while another waits already.
   * @returns what `work` gives; null for a press that was one already.
   */
  async inTurn(name, work, full = () => null) {
    if (this.#ongoing?.name === name) return null;
    if (this.#ongoing) {
      if (this.#waits) return full();
      this.#waits = true;
      await this.#ongoing.done;
      this.#waits = false;
    }
    const result = (async () => work())();
    const ongoing = this.#ongoing = { name, done: result.then(() => {}, () => {}).then(() => { if (this.#ongoing === ongoing) this.#ongoing = null; }) };
    return result;
  }

  /**
   * @param seen what the picture was when the key was pressed: once it has changed, a repetition would be of something that is over, so a new key is taken.
   * @returns the answer as of api.js, with `unsure` where it may have happened all the same; null for a press that was one already, or while another is outstanding.
   */
  async send(name, path, body, seen = '', method = 'POST') {
    if (this.#busy) return null;
    const same = JSON.stringify([name, path, body ?? null, seen]);
    const key = this.#kept?.same === same ? this.#kept.key : newKey();
    this.#kept = { same, key };
    this.#busy = { name };
    this.#onBusy(name);
    try {
      const answer = await within(method === 'PUT' ? put(path, body, key) : post(path, body, key));
      const unsure = !answer.ok && UNSURE.includes(answer.problem.code);
      if (!unsure) this.#kept = null;
      return { ...answer, unsure };
    } finally {
      this.#busy = null;
      this.#onBusy(null);
    }
  }
}

function within(answer) {
  let timer;
  const late = new Promise(done => {
    timer = setTimeout(() => done({ ok: false, status: 0, data: null, problem: { code: 'Offline', sentence: sentenceOf({ code: 'Offline' }) } }), ANSWER_WITHIN);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
