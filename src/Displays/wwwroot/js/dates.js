// Days as people say them. A time carries the hall's offset, so its day is read off the text and not moved to the box's zone.

import { both } from './page.js';

/** `2026-11-25` of a time, or of a date itself. */
export const dayOf = iso => iso.slice(0, 10);

/**
 * "今天", "明天" or "11月25日周三", in both languages.
 * @param today the hall's date; where it is not known no day is today.
 */
export function dayWords(iso, today = null) {
  const day = dayOf(iso);
  if (day === today) return both('common.today');
  if (today && day === nextDay(today, 1)) return both('common.tomorrow');
  const at = new Date(day + 'T00:00:00Z');
  return {
    zh: at.toLocaleDateString('zh-CN', { month: 'long', day: 'numeric', weekday: 'short', timeZone: 'UTC' }),
    en: at.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'long', timeZone: 'UTC' }),
  };
}

/** The date so many days later. */
export function nextDay(day, days) {
  const at = new Date(day + 'T00:00:00Z');
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}
