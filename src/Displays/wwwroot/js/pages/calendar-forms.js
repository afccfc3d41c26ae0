// The fields of one session, roster row, exception or absence. Windows and people are chosen from lists, times are typed; a field left empty is left out of the draft.

import { nameOf, page } from '../page.js';
import { ABSENCES, DAYS, KINDS, icon, make, serviceName, windowName, word } from './calendar-words.js';

/** What a field is called, by its name in the draft. */
export const FIELDS = {
  kind: 'kind', days: 'days', from: 'from', to: 'to', issueFrom: 'issueFrom', issueUntil: 'issueUntil', season: 'season', windows: 'windows', services: 'services', offered: 'offered', rotate: 'rotate',
  untilServed: 'untilServed', appointmentOnly: 'appointmentOnly', window: 'window', a: 'roleA', b: 'roleB', times: 'times', date: 'date', closed: 'what', sessions: 'ownSessions', reason: 'reason', staff: 'person',
};

const people = () => page.data.staff.map(s => [s.staff, [nameOf(s.name), s.number].filter(Boolean).join(' ')]);
const windows = () => page.data.windows.map(w => [w.window, windowName(w.window)]);
const named = map => Object.entries(map).map(([value, key]) => [value, word(key)]);

/** @param typed called when something in the item has changed. */
export function formOf(name, item, typed) {
  const form = make('div', 'item-form');
  const set = (field, value) => {
    if (value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0)) delete item[field];
    else item[field] = value;
    typed();
  };
  const build = fields => form.replaceChildren(...fields.filter(Boolean));
  forms[name]({ item, set, build, typed });
  return form;
}

const forms = {
  sessions({ item, set, build }) {
    build([
      choice('kind', item.kind, named(KINDS), v => set('kind', v)),
      text('from', item.from, v => set('from', time(v)), '09:00'), text('to', item.to, v => set('to', time(v)), '17:00'),
      days(item, set),
      text('issueFrom', item.issueFrom, v => set('issueFrom', time(v)), '08:30'), text('issueUntil', item.issueUntil, v => set('issueUntil', time(v)), '16:50'),
      pair('season', item.season, v => set('season', v), '05-01', '09-30'),
      chips('windows', windows(), item.windows, v => set('windows', v), word('allWindows')),
      chips('services', servicesNamed(item.services), item.services, v => set('services', v), word('allServices')),
      choice('offered', item.offered ?? 'all', [['all', word('offeredAll')], ['covered', word('offeredCovered')]], v => set('offered', v === 'all' ? null : v)),
      rotation(item, set),
      flag('untilServed', item, set), flag('appointmentOnly', item, set),
    ]);
  },

  roster({ item, set, build }) {
    build([
      choice('window', item.window, windows(), v => set('window', v)),
      choice('a', item.a ?? '', [['', word('nobody')], ...people()], v => set('a', v)),
      choice('b', item.b ?? '', [['', word('nobody')], ...people()], v => set('b', v)),
      input('from', 'date', item.from, v => set('from', v)), input('to', 'date', item.to, v => set('to', v)),
      days(item, set),
      pair('times', item.times && { from: item.times[0], to: item.times[1] }, v => set('times', v && [time(v.from), time(v.to)]), '09:00', '12:00'),
    ]);
  },

  exceptions(form) {
    const { item, set, build, typed } = form;
    const what = item.sessions ? 'sessions' : item.windows ? 'windows' : 'closed';
    const choose = next => {
      for (const field of ['closed', 'windows', 'sessions', 'from', 'to']) delete item[field];
      if (next === 'sessions') item.sessions = [{ kind: 'regular', from: '09:00', to: '12:00' }];
      else item.closed = true;
      if (next === 'windows') item.windows = [page.data.windows[0].window];
      forms.exceptions(form);
      typed();
    };
    if (!item.sessions && !item.closed) item.closed = true;
    build([
      input('date', 'date', item.date, v => set('date', v)),
      choice('closed', what, [['closed', word('closedAllDay')], ['windows', word('someClosed')], ['sessions', word('otherSessions')]], choose),
      what === 'windows' && chips('windows', windows(), item.windows, v => { item.windows = v; typed(); }, null),
      what === 'windows' && text('from', item.from, v => set('from', time(v)), '09:00'),
      what === 'windows' && text('to', item.to, v => set('to', time(v)), '12:00'),
      what === 'sessions' && ownSessions(item, typed),
      text('reason', typeof item.reason === 'string' ? item.reason : item.reason?.zh, v => set('reason', v && item.reason?.en ? { ...item.reason, zh: v } : v), word('reasonHint')),
    ]);
  },

  absences({ item, set, build }) {
    build([
      choice('staff', item.staff ?? '', [['', word('noPerson')], ...people()], v => set('staff', v)),
      input('from', 'datetime-local', item.from, v => set('from', v)), input('to', 'datetime-local', item.to, v => set('to', v)),
      choice('kind', item.kind ?? '', [...named(ABSENCES), ...(item.kind && !ABSENCES[item.kind] ? [[item.kind, item.kind]] : [])], v => set('kind', v)),
    ]);
  },
};

/** `9:00` and `9：00` are what people type for 09:00. */
const time = value => value.trim().replace('：', ':').replace(/^(\d):/, '0$1:');

function field(name, control, label = 'label') {
  const box = make(label === 'label' ? 'label' : 'fieldset', 'item-field', null, { 'data-field': name });
  box.append(make(label === 'label' ? 'span' : 'legend', '', word(FIELDS[name])), ...[control].flat(), make('span', 'wrong', '', { role: 'alert', lang: 'en', hidden: '' }));
  return box;
}

function input(name, type, value, typed, hint = null) {
  const box = make('input', 'input', null, { type, autocomplete: 'off', ...(hint ? { placeholder: hint } : {}), ...(type === 'date' ? { max: '2199-12-31' } : {}) });
  box.value = value ?? '';
  box.addEventListener('input', () => typed(box.value));
  return field(name, box);
}

const text = (name, value, typed, hint) => input(name, 'text', value, typed, hint);

function choice(name, value, options, chosen) {
  const box = make('select', 'input');
  box.append(...options.map(([id, words]) => new Option(words, id)));
  box.value = value ?? '';
  box.addEventListener('change', () => chosen(box.value));
  return field(name, box);
}

function flag(name, item, set) {
  const box = make('input', '', null, { type: 'checkbox' });
  box.checked = item[name] === true;
  box.addEventListener('change', () => set(name, box.checked));
  const label = make('label', 'choice');
  label.append(box, make('span', '', word(FIELDS[name])));
  const outer = make('div', 'item-field', null, { 'data-field': name });
  outer.append(label, make('span', 'wrong', '', { role: 'alert', lang: 'en', hidden: '' }));
  return outer;
}

/** Several of a list; none of them may mean all. */
function chips(name, options, chosen, typed, none) {
  const now = new Set(chosen ?? []);
  const row = make('div', 'picks');
  for (const [id, words] of options) {
    const box = make('input', '', null, { type: 'checkbox' });
    box.checked = now.has(id);
    box.addEventListener('change', () => {
      if (box.checked) now.add(id);
      else now.delete(id);
      // In the order of the list, whatever the order of choosing.
      typed(options.map(([other]) => other).filter(other => now.has(other)));
    });
    const label = make('label', 'choice');
    label.append(box, make('span', '', words));
    row.append(label);
  }
  return field(name, none ? [make('span', 'hint', none), row] : [row], 'fieldset');
}

/** Days by their words, and single dates typed behind them. */
function days(item, set) {
  const words = () => (item.days ?? []).filter(day => DAYS[day]);
  const dates = () => (item.days ?? []).filter(day => !DAYS[day]);
  const box = chips('days', named(DAYS), words(), chosen => set('days', [...chosen, ...dates()]), null);
  const typed = make('input', 'input', null, { type: 'text', autocomplete: 'off', placeholder: '2026-12-31', 'aria-label': word('dates') });
  typed.value = dates().join(' ');
  typed.addEventListener('input', () => set('days', [...words(), ...typed.value.split(/[\s,，]+/).filter(Boolean)]));
  box.querySelector('.picks').append(typed);
  return box;
}

/** Two texts that belong together, `{from, to}`; both empty: none. */
function pair(name, value, typed, first, second) {
  const boxes = [first, second].map((hint, n) => make('input', 'input', null, { type: 'text', autocomplete: 'off', placeholder: hint, 'aria-label': word(n === 0 ? 'from' : 'to') }));
  [boxes[0].value, boxes[1].value] = [value?.from ?? '', value?.to ?? ''];
  for (const box of boxes) box.addEventListener('input', () => typed(boxes.every(b => b.value.trim() === '') ? null : { from: boxes[0].value.trim(), to: boxes[1].value.trim() }));
  const row = make('div', 'two');
  row.append(boxes[0], make('span', '', '–'), boxes[1]);
  return field(name, row, 'fieldset');
}

/** Groups of windows that take turns: ids with blanks between, groups with strokes. */
function rotation(item, set) {
  const groups = make('input', 'input', null, { type: 'text', autocomplete: 'off', placeholder: '1 2 / 3 4', 'aria-label': word('rotateGroups') });
  const by = make('select', 'input', null, { 'aria-label': word('rotateBy') });
  by.append(new Option(word('byDay'), 'day'), new Option(word('byWeek'), 'week'));
  groups.value = (item.rotate?.groups ?? []).map(g => g.join(' ')).join(' / ');
  by.value = item.rotate?.by ?? 'day';
  const typed = () => {
    const list = groups.value.split(/[/／]/).map(g => g.trim().split(/[\s,，]+/).filter(Boolean)).filter(g => g.length > 0);
    set('rotate', list.length > 0 ? { groups: list, by: by.value } : null);
  };
  groups.addEventListener('input', typed);
  by.addEventListener('change', typed);
  const row = make('div', 'two');
  row.append(groups, by);
  return field('rotate', [make('span', 'hint', word('rotateHint')), row], 'fieldset');
}

/** The sessions of one date alone; what else they say (windows, services) stays. */
function ownSessions(item, typed) {
  const rows = make('div', 'own-sessions');
  const paint = () => rows.replaceChildren(...item.sessions.map(session => {
    const row = make('div', 'two');
    const kind = make('select', 'input', null, { 'aria-label': word('kind') });
    kind.append(...named(KINDS).map(([id, words]) => new Option(words, id)));
    kind.value = session.kind;
    kind.addEventListener('change', () => { session.kind = kind.value; typed(); });
    const times = ['from', 'to'].map(side => {
      const box = make('input', 'input', null, { type: 'text', autocomplete: 'off', placeholder: '09:00', 'aria-label': word(side) });
      box.value = session[side] ?? '';
      box.addEventListener('input', () => { session[side] = time(box.value); typed(); });
      return box;
    });
    const remove = make('button', 'quiet-button danger', null, { type: 'button', 'aria-label': word('remove') });
    remove.append(icon('close'));
    remove.addEventListener('click', () => { item.sessions.splice(item.sessions.indexOf(session), 1); paint(); typed(); });
    row.append(kind, ...times, remove);
    return row;
  }));
  const add = make('button', 'quiet-button', null, { type: 'button' });
  add.append(icon('plus'), make('span', '', word('addSession')));
  add.addEventListener('click', () => { item.sessions.push({ kind: 'regular', from: '13:00', to: '17:00' }); paint(); typed(); });
  paint();
  return field('sessions', [rows, add], 'fieldset');
}

/** The hall's lines, and the services that the session names one by one already. */
function servicesNamed(chosen) {
  const lines = page.data.lines.map(l => [l.line, nameOf(l.name)]);
  return [...lines, ...(chosen ?? []).filter(id => !page.data.lines.some(l => l.line === id)).map(id => [id, serviceName(id)])];
}
