// A hall's calendar: what is changed is tried by the server as one types, shown as a week, a month and what it would do, and saved in the version that was read. What is refused changes nothing, and nothing typed is lost.

import { Written, get, put } from '../api.js';
import { nextDay } from '../dates.js';
import { fill, page, say } from '../page.js';
import { markWrong, openItem, paintLists, startLists } from './calendar-lists.js';
import { paintMonth } from './calendar-month.js';
import { mondayOf } from './calendar-words.js';
import { paintTrial } from './calendar-trial.js';
import { paintWeek } from './calendar-week.js';

const $ = id => document.getElementById(id);
const path = `halls/${encodeURIComponent(page.data.hall)}/calendar`;

// Short enough to see what one has done, long enough not to ask at every key.
const TRY_AFTER = 400;

/** `base`: the calendar as it stands in the hall; `draft`: as it stands here; `trial`: what the server last said of a draft that was right; `day`: the date looked at. */
const state = { version: null, base: null, draft: null, trial: null, holidays: new Map(), day: page.data.today, month: page.data.today.slice(0, 7) };
let timer = 0;
let asked = 0;
let busy = false;

async function load() {
  const [answer, holidays] = await Promise.all([get(path), get('holidays')]);
  if (!answer.ok) return wrong(answer.problem.sentence);
  for (const year of holidays.data?.years ?? []) for (const day of year.days) state.holidays.set(day.date, day.name);
  take(answer);
  state.draft = copy(state.base);
  paintLists(state.draft);
  await tryDraft();
  document.documentElement.dataset.loaded = '';
}

function take(answer) {
  state.version = answer.version;
  state.base = answer.data;
  for (const list of ['sessions', 'roster', 'exceptions', 'absences']) state.base[list] ??= [];
}

/** Something was typed or chosen: tried a moment later. */
function changed() {
  quiet();
  $('save').disabled = true;
  $('reset').disabled = same(state.draft, state.base);
  $('calendar').setAttribute('aria-busy', 'true');
  clearTimeout(timer);
  timer = setTimeout(tryDraft, TRY_AFTER);
}

/** Asks the server what the draft would do, and shows it: only the answer to the latest question. */
async function tryDraft() {
  clearTimeout(timer);
  const mine = ++asked;
  const [from, to] = shownDates();
  const answer = await put(`${path}?check=true&from=${from}&to=${to}`, new Written(JSON.stringify(state.draft)));
  if (mine !== asked) return;
  $('calendar').removeAttribute('aria-busy');
  const problems = answer.ok ? [] : answer.problem.problems;
  // What is wrong with the draft is shown at its place; that nobody answered is another matter.
  if (!answer.ok && !problems) return wrong(answer.problem.sentence);
  markWrong(problems);
  if (answer.ok) state.trial = answer.data;
  const touched = !same(state.draft, state.base);
  $('save').disabled = !answer.ok || !touched;
  $('reset').disabled = !touched;
  paintTrial({ problems, trial: answer.ok ? answer.data : null, touched });
  $('calendar').classList.toggle('old', !answer.ok);
  paint();
}

function paint() {
  const days = new Map((state.trial?.timeline ?? []).map(day => [day.date, day]));
  paintWeek(state, days, choose);
  paintMonth(state, days, choose);
}

/** The month's whole weeks, in one of which the day looked at is. */
function shownDates() {
  const first = mondayOf(state.month + '-01');
  return [first, nextDay(first, 41)];
}

async function choose(day, month = day.slice(0, 7)) {
  state.day = day;
  const other = month !== state.month;
  state.month = month;
  if (other) await tryDraft();
  else paint();
}

async function save() {
  if (busy || $('save').disabled) return;
  // A button that is disabled next would take the focus with it.
  const pressed = document.activeElement === $('save');
  setBusy(true);
  const answer = await put(path, new Written(JSON.stringify(state.draft), state.version));
  setBusy(false);
  if (!answer.ok) return answer.problem.code === 'VersionChanged' ? conflict() : wrong(answer.problem.detail ?? answer.problem.sentence);
  const told = answer.data.appointments.length;
  take({ version: answer.version, data: copy(state.draft) });
  await tryDraft();
  done(told > 0 ? say('calendar.savedTell', told) : say('calendar.saved'));
  if (pressed) $('done').focus();
}

/** Somebody was quicker: their change stays wherever this one did not touch the same part, and what it would do now is shown. */
async function conflict() {
  const answer = await get(path);
  if (!answer.ok) return wrong(answer.problem.sentence);
  const before = state.base;
  take(answer);
  for (const field of new Set([...Object.keys(state.base), ...Object.keys(state.draft)])) if (same(state.draft[field], before[field])) state.draft[field] = copy(state.base[field]);
  paintLists(state.draft);
  await tryDraft();
  wrong(say('calendar.otherChanged'));
}

function setBusy(on) {
  busy = on;
  $('save').toggleAttribute('aria-busy', on);
}

function quiet() {
  $('wrong').hidden = $('done').hidden = true;
}

function wrong(words) {
  $('calendar').removeAttribute('aria-busy');
  $('done').hidden = true;
  $('wrong').hidden = false;
  fill($('wrong'), { wrong: words });
}

function done(words) {
  $('done').hidden = false;
  fill($('done'), { done: words });
}

// Written out with its fields in order: a field that was changed and changed back is the same.
const plain = value => Array.isArray(value) ? value.map(plain) : value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).sort().map(key => [key, plain(value[key])])) : value;
const same = (a, b) => JSON.stringify(plain(a)) === JSON.stringify(plain(b));
const copy = value => value === undefined ? undefined : JSON.parse(JSON.stringify(value));

startLists(changed);
$('save').addEventListener('click', save);
$('reset').addEventListener('click', () => {
  state.draft = copy(state.base);
  paintLists(state.draft);
  quiet();
  tryDraft();
});
$('before').addEventListener('click', () => choose(nextDay(state.day, -7)));
$('after').addEventListener('click', () => choose(nextDay(state.day, 7)));
$('month-before').addEventListener('click', () => choose(nextDay(state.month + '-01', -1).slice(0, 7) + '-01'));
$('month-after').addEventListener('click', () => choose(nextDay(state.month + '-28', 5).slice(0, 7) + '-01'));
$('except').addEventListener('click', () => {
  openItem('exceptions', { date: state.day, closed: true });
  changed();
});
document.addEventListener('keydown', event => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return;
  event.preventDefault();
  save();
});
addEventListener('beforeunload', event => { if (state.draft && !same(state.draft, state.base)) event.preventDefault(); });
load();
