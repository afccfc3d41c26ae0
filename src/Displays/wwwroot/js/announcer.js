// Announces calls one after the other, so that two never speak at once: the call in words, a chime, Chinese, then English. Where there is no sound it is
// shown all the same. What has expired meanwhile, or is answered, is not announced any more.

import { both } from './page.js';

/** Milliseconds for which a call stands out. */
export const STANDS_OUT = 10_000;

// While others wait a call is shown for as long as it is spoken, and for this long at least: to be found and read.
const SHORTEST = 4000;
// A hall makes fewer calls in the 30 s for which one may be spoken.
const MOST = 64;

/** A call in the words of a text of the board, {zh, en}. */
export function wordsOf(key, { ticket, window }, number = () => ticket) {
  return { zh: both(`board.${key}`, number('zh'), window).zh, en: both(`board.${key}`, number('en'), window).en };
}

/** What is spoken of a call, {zh, en}: its digits one by one, as they are printed. */
export function spoken(call) {
  const digits = both('board.spokenDigits');
  return wordsOf('spokenCall', call, language => {
    const names = digits[language].split(' ');
    const read = [...call.ticket].map(c => names[c] ?? c);
    // Chinese digits stand together; a letter is set apart, so that no voice makes a word of it.
    return language === 'en' ? read.join(' ') : read.reduce((text, c) => text + (/[a-z]$/i.test(text) ? ' ' : '') + c, '');
  });
}

export class Announcer {
  #queue = [];
  #running = false;
  #wake = () => {};
  #sound;
  #isStill;
  #onShow;
  #onSpeak;

  /**
   * @param sound a Sound.
   * @param isStill whether a call is still to be answered.
   * @param onShow told the call that is announced, and null once none is.
   * @param onSpeak told a call when it begins to sound.
   */
  constructor({ sound, isStill = () => true, onShow = () => {}, onSpeak = () => {} }) {
    [this.#sound, this.#isStill, this.#onShow, this.#onSpeak] = [sound, isStill, onShow, onSpeak];
  }

  /** @param call {id, ticket, window, until}; `until` is on performance.now()'s clock. */
  add(call) {
    this.#queue.push(call);
    if (this.#queue.length > MOST) this.#queue.shift();
    this.#wake();
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    for (let call; (call = this.#take());) {
      const began = performance.now();
      this.#onShow(call);
      if (this.#sound.state === 'playing') await this.#say(call);
      await this.#restUntil(began + SHORTEST);
      const others = new Promise(wake => { this.#wake = wake; });
      if (!this.#queue.length) await Promise.race([others, this.#restUntil(began + STANDS_OUT)]);
    }
    this.#onShow(null);
    this.#running = false;
  }

  #take() {
    let call;
    while ((call = this.#queue.shift()) && (performance.now() >= call.until || !this.#isStill(call)));
    return call;
  }

  async #say(call) {
    this.#onSpeak(call);
    const words = spoken(call);
    await this.#sound.chime();
    await this.#sound.speak(words.zh, 'zh');
    // Who is called next must not wait for the second language of who was called before.
    if (!this.#queue.length) await this.#sound.speak(words.en, 'en');
  }

  async #restUntil(time) {
    const rest = time - performance.now();
    if (rest > 0) await new Promise(done => setTimeout(done, rest));
  }
}
