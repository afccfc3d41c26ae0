// The connection that every live page shares: watches topics on /hub, keeps their pictures whole, and knows how old they are.
// Time is the browser's own (performance.now, setTimeout), so that a test may drive it.

import { device } from './device.js';

/** Seconds without a heartbeat or change after which a page says how old it is, and greys what can no longer be true. */
export const OLD_AFTER = 10;
export const STALE_AFTER = 60;

/** An announcement is spoken within this of its arrival or not at all. The server sends none that has expired; a box's own clock is not asked, it may be wrong. */
export const ANNOUNCE_WITHIN = 30;

const LISTS = { lines: 'line', windows: 'window' };

/** Milliseconds to wait before try number `attempt` (from 0): full jitter under 1 s doubling to 30 s, so that 5,000 screens do not come back at once. */
export function retryDelay(attempt, random = Math.random()) {
  return random * Math.min(30_000, 1000 * 2 ** Math.min(attempt, 5));
}

/** `live`, `old` or `stale`. */
export function feedState(ageSeconds) {
  return ageSeconds > STALE_AFTER ? 'stale' : ageSeconds > OLD_AFTER ? 'old' : 'live';
}

/** A new state with the changes in it. Keys are `lines/{line}`, `windows/{window}` or a top-level member, whole; null is a line or window that is gone. */
export function merge(state, changes) {
  const next = { ...state };
  for (const [key, value] of Object.entries(changes)) {
    const slash = key.indexOf('/');
    const list = slash < 0 ? undefined : key.slice(0, slash);
    if (!list || !(list in LISTS)) {
      next[key] = value;
      continue;
    }
    const id = key.slice(slash + 1);
    const rows = next[list] ?? [];
    const at = rows.findIndex(row => String(row[LISTS[list]]) === id);
    if (value === null) next[list] = rows.filter((_, i) => i !== at);
    else if (at < 0) next[list] = [...rows, value];
    else next[list] = rows.with ? rows.with(at, value) : Object.assign([...rows], { [at]: value });
  }
  return next;
}

/** One topic's picture. `sequence` is null until a snapshot came; changes before it are of another picture and are left alone. */
export class Picture {
  sequence = null;
  state = null;

  /** False for one that would go back: a late answer to an earlier watch. */
  snapshot(sequence, state) {
    if (this.sequence !== null && sequence < this.sequence) return false;
    this.sequence = sequence;
    this.state = state;
    return true;
  }

  /** `applied`, `ignored` (no snapshot yet) or `gap`: the change follows on something this picture never was, so it has to be watched again. */
  change(from, to, changes) {
    if (this.sequence === null) return 'ignored';
    if (from !== this.sequence) return 'gap';
    this.state = merge(this.state, changes);
    this.sequence = to;
    return 'applied';
  }
}

export class Feed {
  #connection;
  #watches = [];
  #attempt = 0;
  #connected = false;
  #stopped = false;
  // The server rendered this page when it was loaded; until something is heard, that is how old it is.
  #heard = 0;
  #slept = 0;
  #wall = Date.now();
  #tick = performance.now();
  #said = '';
  #onStatus;
  #onAnnounce;
  #announced = new Set();

  /**
   * @param onStatus called once a second and on every change with {state, offline, age} (seconds, whole).
   * @param onAnnounce called once for each call to be spoken with {hall, zone, id, ticket, window, times, until}; `until` is on performance.now()'s clock.
   */
  constructor({ onStatus, onAnnounce } = {}) {
    this.#onStatus = onStatus ?? (() => {});
    this.#onAnnounce = onAnnounce;
    this.#connection = new globalThis.signalR.HubConnectionBuilder()
      .withUrl(device ? `/hub?device=${device}` : '/hub')
      .configureLogging(globalThis.signalR.LogLevel.None)
      .build();
    const hub = this.#connection;
    hub.on('Snapshot', (topic, sequence, state) => this.#each(topic, watch => {
      this.#hear();
      if (!watch.picture.snapshot(sequence, state)) return;
      watch.asking = false;
      watch.onState(watch.picture.state, null);
    }));
    hub.on('Change', (topic, from, to, changes) => this.#each(topic, watch => {
      this.#hear();
      const outcome = watch.picture.change(from, to, changes);
      if (outcome === 'applied') watch.onState(watch.picture.state, changes);
      else if (outcome === 'gap') this.#ask(watch);
    }));
    // A heartbeat of a later sequence is of a picture this page does not have.
    hub.on('Heartbeat', (topic, sequence) => this.#each(topic, watch => {
      this.#hear();
      if (watch.picture.sequence !== null && sequence > watch.picture.sequence) this.#ask(watch);
    }));
    hub.on('Announce', (hall, zone, call) => {
      if (!this.#onAnnounce || this.#announced.has(call.id)) return;
      this.#announced.add(call.id);
      if (this.#announced.size > 512) this.#announced.delete(this.#announced.values().next().value);
      this.#onAnnounce({ hall, zone, ...call, until: performance.now() + ANNOUNCE_WITHIN * 1000 });
    });
    hub.onclose(() => this.#lost());
  }

  /**
   * Watches a topic for as long as the page lives, e.g. watch('WatchWindow', [hall, '3'], `window/${hall}/3`, onState). A ticket's topic is not known
   * before its snapshot: give `ticket/`. `onState(state, changes)`: the whole picture, and what changed (null: all of it). `onRefused(code)` when it is
   * refused (UnknownTicket …); it is asked again later all the same. A page that was let in and is no more, because its session is over, is loaded anew: the
   * server then asks to sign in and leads back.
   */
  watch(method, args, topic, onState, onRefused = () => {}) {
    const watch = { method, args, topic, onState, onRefused, picture: new Picture(), asking: false, attempt: 0 };
    this.#watches.push(watch);
    if (this.#connected) this.#ask(watch);
    return watch;
  }

  start() {
    setInterval(() => this.#look(), 1000);
    this.#look();
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    return this.#connection.stop();
  }

  /** Seconds since the page last heard of its picture. */
  get age() {
    return (performance.now() - this.#heard + this.#slept) / 1000;
  }

  /** Tells the server that a call is being spoken: it is sent to no other loudspeaker of the zone afterwards. For devices. */
  announced(id) {
    return this.#send('Announced', id, new Date().toISOString());
  }

  /** What a device says of itself: {sequenceShown, sound, version}. */
  report(says) {
    return this.#send('Report', says);
  }

  // A report that is lost is not missed: the next one says the same.
  #send(method, ...args) {
    return this.#connected ? this.#connection.invoke(method, ...args).catch(() => {}) : Promise.resolve();
  }

  async #connect() {
    try {
      await this.#connection.start();
    } catch {
      this.#lost();
      return;
    }
    this.#connected = true;
    this.#attempt = 0;
    // Another server may answer now, with a picture from before; what it sends is the truth from here on.
    for (const watch of this.#watches) {
      watch.asking = false;
      watch.attempt = 0;
      this.#ask(watch);
    }
    this.#look();
  }

  #lost() {
    this.#connected = false;
    this.#look();
    if (!this.#stopped) setTimeout(() => this.#connect(), retryDelay(this.#attempt++));
  }

  async #ask(watch) {
    if (watch.asking) return;
    watch.asking = true;
    watch.picture.sequence = null;
    const connection = this.#connection.connectionId;
    try {
      await this.#connection.invoke(watch.method, ...watch.args);
      watch.attempt = 0;
    } catch (error) {
      if (!this.#connected || connection !== this.#connection.connectionId) return;
      watch.asking = false;
      const code = /HubException: (\w+):/.exec(error?.message ?? '')?.[1];
      // One that was never let in would be loaded for ever.
      if (code === 'SignInNeeded' && watch.picture.state !== null) {
        globalThis.location.reload();
        return;
      }
      if (code) watch.onRefused(code);
      setTimeout(() => this.#connected && connection === this.#connection.connectionId && this.#ask(watch), retryDelay(watch.attempt++));
    }
  }

  #each(topic, act) {
    for (const watch of this.#watches)
      if (watch.topic === topic || (watch.topic.endsWith('/') && topic.startsWith(watch.topic))) act(watch);
  }

  #hear() {
    this.#heard = performance.now();
    this.#slept = 0;
    this.#look();
  }

  #look() {
    // performance.now() stands still while some machines sleep; the wall clock does not. A wall clock set forward only makes the page ask to be believed anew.
    const [wall, tick] = [Date.now(), performance.now()];
    const extra = wall - this.#wall - (tick - this.#tick);
    if (extra > 5000) this.#slept += extra;
    [this.#wall, this.#tick] = [wall, tick];
    const status = { state: feedState(this.age), offline: !this.#connected, age: Math.floor(this.age) };
    const says = JSON.stringify(status.state === 'live' ? { ...status, age: 0 } : status);
    if (says === this.#said) return;
    this.#said = says;
    this.#onStatus(status);
  }
}
