// Days as people say them. A time carries the hall's offset, so its day is read off the text and not moved to the box's zone.

import { localDay } from './clock.js';
import { both, clockTime } from './page.js';

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

/**
 * "13:30", "明天 09:00", "周一 09:00" within a week, else "12月1日 09:00", in both languages: `Texts/When.cs` says it alike.
 * @param today the hall's date; null where it is not known: then the date is told.
 */
export function when(iso, today = localDay()) {
  const [day, time] = [dayOf(iso), clockTime(iso)];
  if (day === today) return both('common.atTime', time);
  if (today && day === nextDay(today, 1)) return both('common.tomorrowAt', time);
  const at = new Date(day + 'T00:00:00Z');
  const name = today && day > today && day < nextDay(today, 7) ? part('common.weekdays', at.getUTCDay()) : both('common.monthDay', part('common.months', at.getUTCMonth()), at.getUTCDate());
  return both('common.dayAt', name, time);
}

function part(key, index) {
  const words = both(key);
  return { zh: words.zh.split(' ')[index], en: words.en.split(' ')[index] };
}

/** The date so many days later. */
export function nextDay(day, days) {
  const at = new Date(day + 'T00:00:00Z');
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}
