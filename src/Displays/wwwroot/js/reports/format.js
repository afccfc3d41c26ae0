// Figures as people read them, in the page's language.

import { page, say } from '../page.js';

const locale = page.lang === 'en' ? 'en-GB' : 'zh-CN';
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** What stands where there is no figure. */
export const NONE = '–';

export function count(n) {
  return n === null || n === undefined ? NONE : whole.format(n);
}

/** Seconds as "45 秒", "6 分 20 秒", "2 小时 5 分". */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return NONE;
  const all = Math.round(seconds);
  if (all < 60) return say('reports.seconds', all);
  if (all < 3600) return all % 60 === 0 ? say('reports.minutes', all / 60) : say('reports.minutesSeconds', Math.floor(all / 60), all % 60);
  const minutes = Math.round(all / 60);
  return say('reports.hoursMinutes', whole.format(Math.floor(minutes / 60)), minutes % 60);
}

/** Seconds in minutes, with one decimal: columns and axes are in minutes. */
export function minutes(seconds) {
  return seconds === null || seconds === undefined ? NONE : tenth.format(seconds / 60);
}

/** Seconds as a chart in minutes takes them; null for none. */
export function inMinutes(seconds) {
  return seconds === null || seconds === undefined ? null : Math.round(seconds / 6) / 10;
}

/** A part of a whole, 0 to 1; null of nothing. */
export function share(part, of) {
  return of ? part / of : null;
}

/** A share of two counts; none of nothing. */
export function percent(part, of) {
  return !of ? NONE : tenth.format(100 * part / of) + '\u00A0%';
}

/** A difference of two figures, with its sign. */
export function difference(now, then, format) {
  if (now === null || now === undefined || then === null || then === undefined) return NONE;
  const by = now - then;
  return by === 0 ? '±0' : (by > 0 ? '+' : '−') + format(Math.abs(by));
}
