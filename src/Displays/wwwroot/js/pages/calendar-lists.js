// Sessions, roster, exceptions and absences: each a list of sentences, one of which at a time is open and edited in its place. What is typed goes straight into the draft.

import { say } from '../page.js';
import { FIELDS, formOf } from './calendar-forms.js';
import { ABSENCES, DAYS, KINDS, dayName, icon, make, staffName, windowName, word } from './calendar-words.js';

const $ = id => document.getElementById(id);
const LISTS = { sessions: 'sessions', roster: 'roster', exceptions: 'exceptions', absences: 'absences' };

const NEW = {
  sessions: () => ({ kind: 'regular', days: ['workday'], from: '09:00', to: '12:00' }),
  roster: () => ({ window: document.getElementById('lists').dataset.window }),
  exceptions: () => ({}),
  absences: () => ({ kind: 'leave' }),
};

let draft = null;
/** The item that is open for editing: the object itself, since places change. */
let opened = null;
let changed = () => {};
/** Paths that are wrong, each with the server's words. */
let faults = new Map();

export function startLists(onChange) {
  changed = onChange;
  for (const add of document.querySelectorAll('[data-add]')) add.addEventListener('click', () => {
    openItem(add.dataset.add, NEW[add.dataset.add]());
    changed();
  });
  $('by-sessions').addEventListener('click', () => {
    draft.sessions = [];
    openItem('sessions', NEW.sessions());
    changed();
  });
}

export function paintLists(now) {
  if (draft !== now) opened = null;
  draft = now;
  const always = draft.sessions === 'always';
  $('always').hidden = !always;
  document.querySelector('[data-add=sessions]').hidden = always;
  for (const name of Object.keys(LISTS)) $(`${name}-list`).replaceChildren(...(Array.isArray(draft[name]) ? draft[name] : []).map(item => row(name, item)));
}

/** Adds an item and opens it, the focus on its first field. */
export function openItem(name, item) {
  draft[name].push(item);
  opened = item;
  paintLists(draft);
  $(`${name}-list`).lastElementChild.querySelector('.item-form input, .item-form select')?.focus();
}

function row(name, item) {
  const line = make('li', 'item');
  const open = item === opened;
  const words = make('span', 'item-words', summaries[name](item));
  const edit = make('button', 'quiet-button', null, { type: 'button', 'aria-expanded': String(open) });
  edit.append(icon(open ? 'check' : 'notice'), make('span', '', word(open ? 'fold' : 'edit')), make('span', 'unseen', words.textContent));
  edit.addEventListener('click', () => {
    opened = open ? null : item;
    paintLists(draft);
    const at = $(`${name}-list`).children[draft[name].indexOf(item)];
    (open ? at.querySelector('[aria-expanded]') : at.querySelector('.item-form input, .item-form select'))?.focus();
  });
  const remove = make('button', 'quiet-button danger', null, { type: 'button' });
  remove.append(icon('close'), make('span', '', word('remove')), make('span', 'unseen', words.textContent));
  remove.addEventListener('click', () => {
    draft[name].splice(draft[name].indexOf(item), 1);
    paintLists(draft);
    document.querySelector(`[data-add=${name}]`).focus();
    changed();
  });
  const head = make('div', 'item-head');
  head.append(words, edit, remove);
  line.append(head);
  if (open) line.append(formOf(name, item, () => {
    words.textContent = summaries[name](item);
    changed();
  }));
  mark(line, name, draft[name].indexOf(item));
  return line;
}

/** Shows at its place what the server says is wrong. @param problems `path: words`, each. */
export function markWrong(problems) {
  faults = new Map(problems.map(text => [text.slice(0, text.indexOf(': ')), text.slice(text.indexOf(': ') + 2)]));
  for (const name of Object.keys(LISTS)) [...$(`${name}-list`).children].forEach((line, at) => mark(line, name, at));
}

function mark(line, name, at) {
  const wrong = new Map([...faults].filter(([path]) => path.startsWith(`${name}[${at}]`)).map(([path, words]) => [fieldOf(path), words]));
  line.classList.toggle('wrong-item', wrong.size > 0);
  for (const field of line.querySelectorAll('[data-field]')) {
    const words = wrong.get(field.dataset.field);
    for (const input of field.querySelectorAll('input, select')) input.toggleAttribute('aria-invalid', false);
    if (words) field.querySelector('input, select')?.setAttribute('aria-invalid', 'true');
    const slot = field.querySelector('.wrong');
    slot.hidden = !words;
    slot.textContent = words ?? '';
  }
}

/** `sessions[1].days[0]` is the field `days`. */
const fieldOf = path => /^\w+\[\d+\]\.?(\w*)/.exec(path)?.[1] ?? '';

/** A path in people's words: which item of which list, and its field. */
export function placeWords(path) {
  const [, name, at] = /^(\w+)(?:\[(\d+)\])?/.exec(path) ?? [];
  if (!LISTS[name]) return path;
  const field = FIELDS[fieldOf(path)];
  return [word(LISTS[name]), at === undefined ? null : say('calendar.nth', Number(at) + 1), field ? word(field) : null].filter(Boolean).join(' ');
}

const and = list => list.join(word('and'));
const dayWordsOf = days => and((days ?? []).map(day => DAYS[day] ? word(DAYS[day]) : dayName(day)));
const span = item => item.from || item.to ? `${item.from ?? '…'}–${item.to ?? '…'}` : null;
const windowWords = list => list?.length > 0 ? say('calendar.onlyWindows', and(list)) : null;

const summaries = {
  sessions: s => [word(KINDS[s.kind] ?? 'kindRegular'), dayWordsOf(s.days), span(s), s.season ? say('calendar.seasonOf', s.season.from ?? '', s.season.to ?? '') : null,
    s.issueFrom || s.issueUntil ? say('calendar.issuingOf', s.issueFrom ?? s.from, s.issueUntil ?? s.to) : null, windowWords(s.windows), s.rotate ? word('rotates') : null,
    s.untilServed ? word('untilServed') : null, s.appointmentOnly ? word('appointmentOnly') : null].filter(Boolean).join(' · '),
  roster: r => [windowName(r.window), r.a ? say('calendar.aIs', staffName(r.a)) : null, r.b ? say('calendar.bIs', staffName(r.b)) : null, dayWordsOf(r.days), r.times ? r.times.join('–') : null,
    r.from || r.to ? `${r.from ? dayName(r.from) : ''}–${r.to ? dayName(r.to) : ''}` : null].filter(Boolean).join(' · '),
  exceptions: e => [e.date ? dayName(e.date) : word('noDate'), e.windows ? say('calendar.windowsClosed', and(e.windows)) : e.closed ? word('closedAllDay') : (e.sessions ?? []).map(s => `${word(KINDS[s.kind] ?? 'kindRegular')} ${span(s) ?? ''}`).join(word('and')),
    e.windows ? span(e) : null, typeof e.reason === 'string' ? e.reason : e.reason?.zh].filter(Boolean).join(' · '),
  absences: a => [a.staff ? staffName(a.staff) : word('noPerson'), a.from ? `${dayName(a.from)} ${a.from.slice(11)}` : '…', '–', a.to ? `${a.from?.slice(0, 10) === a.to.slice(0, 10) ? '' : dayName(a.to)} ${a.to.slice(11)}` : '…', ABSENCES[a.kind] ? word(ABSENCES[a.kind]) : a.kind].filter(Boolean).join(' '),
};
