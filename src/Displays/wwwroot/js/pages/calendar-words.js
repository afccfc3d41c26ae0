// What the calendar's parts are called, and small pieces of markup that have no template because their number and place come from the data.

import { dayWords, nextDay } from '../dates.js';
import { nameOf, page, say } from '../page.js';

export const KINDS = { regular: 'kindRegular', lunch: 'kindLunch', weekend: 'kindWeekend', extended: 'kindExtended' };
export const DAYS = {
  workday: 'workday', makeup: 'makeup', restday: 'restday', holiday: 'holiday',
  monday: 'monday', tuesday: 'tuesday', wednesday: 'wednesday', thursday: 'thursday', friday: 'friday', saturday: 'saturday', sunday: 'sunday',
};
export const REASONS = { absent: 'absent', noRoster: 'noRoster', exception: 'closedToday' };
export const ABSENCES = { leave: 'leave', training: 'training', meeting: 'meeting', sick: 'sick' };

/** A text of the page's own. */
export const word = key => say('calendar.' + key);

const services = new Map(page.data.services.map(s => [s.service, nameOf(s.name)]));
const lines = new Map(page.data.lines.map(l => [l.line, nameOf(l.name)]));
const staff = new Map(page.data.staff.map(s => [s.staff, nameOf(s.name)]));
const windows = new Map(page.data.windows.map(w => [w.window, nameOf(w.name)]));

export const serviceName = id => services.get(id) ?? lines.get(id) ?? id;
export const staffName = id => staff.get(id) ?? id;
export const windowName = id => [say('common.windowNumber', id), windows.get(id)].filter(Boolean).join(' ');

/** The Monday of a date's week. */
export function mondayOf(date) {
  return nextDay(date, -((new Date(date + 'T00:00:00Z').getUTCDay() + 6) % 7));
}

export const dayName = date => dayWords(date)[page.lang];

/** Minutes from a service date's midnight to a time; past midnight they are more than 1440. */
export function minutesOf(iso, date) {
  return Math.round((Date.parse(iso.slice(0, 10) + 'T00:00:00Z') - Date.parse(date + 'T00:00:00Z')) / 60_000) + Number(iso.slice(11, 13)) * 60 + Number(iso.slice(14, 16));
}

/** `HH:mm` of minutes, up to 30:00 as calendars write them. */
export const timeOf = minutes => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

export const spanOf = (from, to, date) => `${timeOf(minutesOf(from, date))}–${timeOf(minutesOf(to, date))}`;

/** When a gap ends, in words: the time alone on its own day. */
export function reopens(at, date) {
  return at === null ? word('neverReopens') : say('calendar.reopens', at.slice(0, 10) === date ? at.slice(11, 16) : `${dayName(at)} ${at.slice(11, 16)}`);
}

/** Gaps of one stretch together, each a sentence: which services nobody can do, and from when somebody can. */
export function gapSentences(gaps, date) {
  const byTime = Map.groupBy(gaps, gap => `${gap.from} ${gap.to} ${gap.reopensAt}`);
  return [...byTime.values()].map(list => {
    const [first] = list;
    const named = list.slice(0, 3).map(gap => serviceName(gap.service)).join(word('and'));
    const what = list.length > 3 ? say('calendar.andMore', named, list.length) : named;
    return { from: first.from, to: first.to, text: `${say('calendar.gap', spanOf(first.from, first.to, date), what)} ${reopens(first.reopensAt, date)}` };
  });
}

/** @param classes with blanks between. */
export function make(tag, classes = '', text = null, attributes = {}) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  if (text !== null) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** One of the page's icons, drawn once in a template. */
export function icon(name) {
  return document.getElementById('icons').content.querySelector(`[data-icon="${name}"] svg`).cloneNode(true);
}
