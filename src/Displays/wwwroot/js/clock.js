// The hall's clock as a page can know it: the last moment the server told, and the browser's own monotonic time since. The box's wall clock is not asked.

import { say } from './page.js';

let told = null;
let offset = 'Z';
let at = 0;
let speed = 1;

/** @param iso a moment of the server's just now. @param rate seconds of the hall a real second. */
export function setClock(iso, rate = speed) {
  [told, at, speed] = [Date.parse(iso), performance.now(), rate];
  offset = /(Z|[+-]\d\d:\d\d)$/.exec(iso)?.[0] ?? offset;
}

/** Something happened at this moment, so it is at least as late: a picture may have been on its way for a while. */
export function notBefore(iso) {
  if (iso && (told === null || Date.parse(iso) > hallNow())) setClock(iso);
}

/** Milliseconds since 1970 in the hall. */
export function hallNow() {
  return told === null ? Date.now() : told + (performance.now() - at) * speed;
}

/** The hall's date now, `yyyy-MM-dd`. */
export function localDay(days = 0) {
  return local(days).slice(0, 10);
}

/** The hall's time of day now, `HH:mm`. */
export function localTime() {
  return local().slice(11, 16);
}

function local(days = 0) {
  return new Date(hallNow() + offsetMinutes() * 60_000 + days * 86_400_000).toISOString();
}

/** A time on the hall's clock, `yyyy-MM-ddTHH:mm`, as a moment; with today's offset, which in a night of changing clocks is an hour off. */
export function momentOf(local) {
  return `${local}:00${offset}`;
}

function offsetMinutes() {
  if (offset === 'Z') return 0;
  const [hours, minutes] = offset.slice(1).split(':').map(Number);
  return (offset[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** Whole seconds from `from` to `to` (default now), never negative; null without a moment. */
export function secondsBetween(from, to = null) {
  return from ? Math.max(0, Math.floor(((to ? Date.parse(to) : hallNow()) - Date.parse(from)) / 1000)) : null;
}

/** `m:ss`, or `h:mm:ss`: for what runs. */
export function running(seconds) {
  const two = n => String(n).padStart(2, '0');
  const h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60;
  return h ? `${h}:${two(m)}:${two(seconds % 60)}` : `${m}:${two(seconds % 60)}`;
}

/** In words, as coarse as people say it. */
export function inWords(seconds) {
  if (seconds < 60) return say('counter.seconds', seconds);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? say('counter.minutes', minutes) : say('counter.hoursMinutes', Math.floor(minutes / 60), minutes % 60);
}
