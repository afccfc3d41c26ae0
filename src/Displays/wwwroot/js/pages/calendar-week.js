// The week as a picture: the sessions of each day on one axis of time, numbers given as a line under them, gaps in red; and of the day looked at who sits where.

import { nextDay } from '../dates.js';
import { page, say } from '../page.js';
import { KINDS, REASONS, dayName, gapSentences, icon, make, minutesOf, mondayOf, spanOf, staffName, timeOf, windowName, word } from './calendar-words.js';

const $ = id => document.getElementById(id);

/** The axis: from the first whole hour to the last of what the week has. */
let axis = { from: 8 * 60, to: 18 * 60 };

export function paintWeek(state, days, choose) {
  const monday = mondayOf(state.day);
  const week = Array.from({ length: 7 }, (_, n) => nextDay(monday, n)).map(date => days.get(date)).filter(Boolean);
  $('week-title').textContent = say('calendar.weekOf', dayName(monday), dayName(nextDay(monday, 6)));
  axis = axisOf(week);
  const held = document.activeElement?.closest('.week-day')?.dataset.date;
  $('week').replaceChildren(hours(), ...week.map(day => row(day, state, choose)));
  if (held) $('week').querySelector('.week-day[aria-pressed=true]')?.focus();
  paintDay(days.get(state.day), state);
}

function axisOf(week) {
  const all = week.flatMap(day => [...day.intervals, ...day.issuing].flatMap(s => [minutesOf(s.from, day.date), minutesOf(s.to, day.date)]));
  return all.length === 0 ? { from: 8 * 60, to: 18 * 60 } : { from: Math.floor(Math.min(...all) / 60) * 60, to: Math.ceil(Math.max(...all) / 60) * 60 };
}

function hours() {
  const scale = make('div', 'track scale', null, { 'aria-hidden': 'true', 'data-may-overflow': '' });
  // Every hour where there is room for its figure, else every third.
  const step = axis.to - axis.from > 15 * 60 ? 180 : axis.to - axis.from > 11 * 60 ? 120 : 60;
  for (let at = axis.from; at < axis.to; at += step) scale.append(place(make('span', 'hour', timeOf(at)), at, at + step));
  const line = make('li', 'week-row head');
  line.append(make('span', 'week-label'), scale);
  return line;
}

function place(element, from, to) {
  const part = minutes => `${((Math.max(axis.from, Math.min(axis.to, minutes)) - axis.from) / (axis.to - axis.from)) * 100}%`;
  element.style.left = part(from);
  element.style.width = `calc(${part(to)} - ${part(from)})`;
  return element;
}

function stretch(element, { from, to }, date) {
  return place(element, minutesOf(from, date), minutesOf(to, date));
}

/** A day's sessions: neighbouring stretches of one kind are one block. */
function sessionsOf(day) {
  const sessions = [];
  for (const { from, to, session } of day.intervals) {
    const last = sessions.at(-1);
    if (last && last.session === session && last.to === from) last.to = to;
    else sessions.push({ from, to, session });
  }
  return sessions;
}

function row(day, state, choose) {
  const line = make('li', 'week-row');
  const label = make('button', 'week-day', null, { type: 'button', 'aria-pressed': String(day.date === state.day), 'data-date': day.date });
  label.append(make('span', 'week-date', dayName(day.date)), badge(day, state));
  label.addEventListener('click', () => choose(day.date));
  line.append(label);

  const body = make('div', 'week-body');
  const track = make('div', 'track', null, { 'data-may-overflow': '' });
  for (const session of sessionsOf(day)) {
    const block = stretch(make('span', `block ${session.session}`), session, day.date);
    block.append(make('strong', '', word(KINDS[session.session])), make('span', '', spanOf(session.from, session.to, day.date)));
    block.title = block.textContent;
    track.append(block);
  }
  if (day.intervals.length === 0) track.append(make('span', 'none', word('closedAllDay')));
  const gaps = gapSentences(day.gaps, day.date);
  for (const gap of gaps) track.append(stretch(make('span', 'gap', null, { 'aria-hidden': 'true' }), gap, day.date));
  body.append(track);
  if (day.issuing.length > 0) {
    const issuing = make('div', 'track issuing', null, { 'data-may-overflow': '' });
    for (const part of day.issuing) {
      const bar = stretch(make('span', 'issue'), part, day.date);
      bar.append(make('span', 'unseen', `${word('issuing')} ${spanOf(part.from, part.to, day.date)}`));
      bar.title = bar.textContent;
      issuing.append(bar);
    }
    body.append(issuing);
  }
  body.append(...gaps.map(gapLine));
  line.append(body);
  return line;
}

function gapLine(gap) {
  const line = make('p', 'gap-words');
  line.append(icon('alert'), make('span', '', gap.text));
  return line;
}

/** What the day is, where that is not what its weekday says. */
export function badge(day, state) {
  const kinds = { makeup: ['makeupShort', 'makeup'], holiday: ['holidayShort', 'holiday'] };
  const line = make('span', 'badges');
  if (kinds[day.day]) {
    const [short, key] = kinds[day.day];
    line.append(make('span', `badge ${day.day}`, word(short), { title: state.holidays.get(day.date) ?? word(key) }));
  }
  if (state.draft.exceptions.some(e => e.date === day.date)) line.append(make('span', 'badge exception', word('exception')));
  return line;
}

/** Who sits where on the day looked at: a row for each window that any of its sessions opens. */
function paintDay(day, state) {
  $('day-title').textContent = say('calendar.windowsOn', dayName(state.day));
  const rows = new Map(page.data.windows.map(w => [w.window, []]));
  for (const { from, to, windows, closed } of day?.intervals ?? []) {
    for (const w of windows) add(rows.get(w.window), { from, to, kind: w.role === 'B' ? 'b' : 'a', words: [w.staff ? staffName(w.staff) : word('anybody'), w.role ? say('calendar.roleOf', w.role) : null, w.alsoFor.length > 0 ? say('calendar.alsoFor', w.alsoFor.join(word('and'))) : null] });
    for (const w of closed) add(rows.get(w.window), { from, to, kind: 'shut', words: [word(REASONS[w.reason]), w.goTo ? say('calendar.goTo', w.goTo) : null] });
  }
  const shown = [...rows].filter(([, parts]) => parts.length > 0);
  $('windows').replaceChildren(...(shown.length > 0 ? [hours()] : []), ...shown.map(([window, parts]) => {
    const line = make('li', 'week-row');
    const track = make('div', 'track', null, { 'data-may-overflow': '' });
    for (const part of parts) {
      const bar = stretch(make('span', `bar ${part.kind}`, part.words.filter(Boolean).join(' · ')), part, day.date);
      bar.title = `${spanOf(part.from, part.to, day.date)} ${bar.textContent}`;
      track.append(bar);
    }
    line.append(make('span', 'week-label', windowName(window)), track);
    return line;
  }));
  $('windows-none').hidden = shown.length > 0;
}

function add(parts, next) {
  const last = parts?.at(-1);
  if (last && last.kind === next.kind && last.to === next.from && String(last.words) === String(next.words)) last.to = next.to;
  else parts?.push(next);
}
