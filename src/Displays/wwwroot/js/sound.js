// What a screen can be heard with: a chime made by Web Audio and the voices that the browser has. Nothing is fetched; voices that speak through
// somebody's service on the network are left alone.

/** Milliseconds of the chime. */
export const CHIME = 1200;

// Longer than any call takes to say: some browsers never tell that they are done.
const LONGEST = 12_000;
// A browser that may play says so a moment after it was asked.
const SETTLES = 1000;

export class Sound {
  #context = null;
  #refused = false;
  #said = null;
  #onChange;

  /** @param onChange told the state, once it has settled and whenever it is another. */
  constructor(onChange = () => {}) {
    this.#onChange = onChange;
    this.#open();
    setTimeout(() => this.#tell(), SETTLES);
  }

  /** `playing`; `blocked`: the browser waits for a touch; `none`: it makes no sound at all. */
  get state() {
    if (!this.#context) return 'none';
    return this.#context.state === 'running' && !this.#refused ? 'playing' : 'blocked';
  }

  /** On a touch or key: from now on the browser lets the page be heard. */
  unlock() {
    if (this.state === 'playing') return;
    this.#refused = false;
    this.#context?.resume().then(() => this.#tell(), () => {});
  }

  /** Two falling notes; returns when they have died away. */
  async chime() {
    if (this.state !== 'playing') return;
    const start = this.#context.currentTime + 0.02;
    for (const [hertz, after] of [[784, 0], [622, 0.4]]) {
      const [tone, volume] = [this.#context.createOscillator(), this.#context.createGain()];
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, start + after);
      volume.gain.linearRampToValueAtTime(0.4, start + after + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, start + after + 0.75);
      tone.connect(volume).connect(this.#context.destination);
      tone.start(start + after);
      tone.stop(start + after + 0.8);
    }
    await new Promise(done => setTimeout(done, CHIME));
  }

  /** Speaks with a voice of this language, `zh` or `en`, and returns when it has; at once where there is none. */
  speak(text, language) {
    const voice = this.#voiceOf(language);
    if (!voice || this.state !== 'playing') return Promise.resolve();
    return new Promise(done => {
      const words = new SpeechSynthesisUtterance(text);
      words.voice = voice;
      words.lang = voice.lang;
      // Names and numbers over the noise of a hall.
      words.rate = 0.9;
      const late = setTimeout(() => { speechSynthesis.cancel(); done(); }, LONGEST);
      words.onend = () => { clearTimeout(late); done(); };
      words.onerror = event => {
        clearTimeout(late);
        if (event.error === 'not-allowed') this.#refused = true;
        this.#tell();
        done();
      };
      speechSynthesis.speak(words);
    });
  }

  #voiceOf(language) {
    const speaks = language === 'zh' ? /^(zh|cmn)(-(hans|cn|hans-cn))?$/i : /^en(-|$)/i;
    return globalThis.speechSynthesis?.getVoices().find(voice => voice.localService && speaks.test(voice.lang.replace('_', '-')));
  }

  #open() {
    try {
      this.#context = new AudioContext();
      this.#context.onstatechange = () => this.#tell();
    } catch {
      // A box without anything to play on: `none`.
    }
  }

  #tell() {
    if (this.state === this.#said) return;
    this.#said = this.state;
    this.#onChange(this.state);
  }
}
