// What halls wait for, what the clock does, and the holidays all of them go by: looked at every few seconds, changed only after what it would do was shown.

import { Written, get, post, put } from '../api.js';
import { fill, nameOf, page, say } from '../page.js';

const $ = id => document.getElementById(id);
const rows = document.querySelector('.table tbody');
const EVERY = 5000;
const WORK = { snapshots: 'admin.snapshots', retention: 'admin.retention' };

/** `step`: the step of the system clock that was looked at; `checked`: the file whose effect is shown. */
let step = null;
let checked = null;

function time(iso) {
  return iso ? new Date(iso).toLocaleString(document.documentElement.lang, { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }) : '–';
}

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function hallName(hall) {
  return page.data.halls[hall] ? nameOf(page.data.halls[hall]) : hall;
}

async function look() {
  const answer = await get('schedule?limit=1000');
  if (!answer.ok) return wrong(answer.problem.sentence);
  const { clock, halls, pokes, work, problems } = answer.data;
  $('wrong').hidden = true;
  $('problems').hidden = problems.length === 0;
  fill($('problems'), { problems: problems.join(' ') });

  $('hall-time').textContent = time(clock.hallTime);
  $('system-time').textContent = time(clock.systemTime);
  step = clock.needsAccepting ? clock.stepSeconds : null;
  $('clock-state').textContent = clock.needsAccepting ? say('admin.step', Math.round(clock.stepSeconds)) : clock.speed !== 1 ? say('admin.demoClock', clock.speed) : say('admin.clockFine');
  $('accept').hidden = !clock.needsAccepting;

  const last = new Map();
  for (const poke of pokes) if (!last.has(poke.hall)) last.set(poke.hall, poke);
  rows.replaceChildren(...halls.map(hall => {
    const row = document.createElement('tr');
    const poke = last.get(hall.hall);
    row.append(make('th', hallName(hall.hall), { scope: 'row' }), make('td', time(hall.nextAt)), make('td', poke ? `${time(poke.doneAt)} ${say('admin.' + poke.result)}` : '–'),
      make('td', poke ? say('admin.seconds', Math.max(0, Math.round(poke.lateSeconds))) : '–'));
    const links = document.createElement('td');
    links.append(make('a', say('admin.calendar'), { href: `/admin/calendar/${encodeURIComponent(hall.hall)}` }), ' ', make('a', say('admin.document'), { href: `/admin/halls/${encodeURIComponent(hall.hall)}` }));
    row.append(links);
    return row;
  }));
  $('work').replaceChildren(...work.map(done => {
    return make('li', `${WORK[done.name] ? say(WORK[done.name]) : done.name} · ${time(done.doneAt)} · ${say(done.failed ? 'admin.failed' : 'admin.done')}`);
  }));
  document.documentElement.dataset.loaded = '';
}

async function lookAtHolidays() {
  const answer = await get('holidays');
  if (!answer.ok) return wrong(answer.problem.sentence);
  const known = answer.data.years.filter(year => year.days.length > 0).map(year => year.year);
  $('holidays-state').textContent = say(answer.data.source === 'product' ? 'admin.yearsBuiltIn' : 'admin.yearsReplaced', Math.min(...known), Math.max(...known));
}

async function tryFile(file) {
  if (!file) return;
  checked = null;
  $('apply').disabled = true;
  $('would').hidden = true;
  const text = await file.text();
  const answer = await put('holidays?check=true', new Written(text));
  if (!answer.ok) return wrong(answer.status === 400 && answer.problem.detail ? answer.problem.detail : answer.problem.sentence);
  $('wrong').hidden = true;
  show(answer.data);
  checked = text;
  $('apply').disabled = answer.data.changes.length === 0;
  $('would').focus();
}

function show({ applied, changes, halls, notAsked }) {
  $('would').hidden = false;
  $('would-title').textContent = applied ? say('admin.applied', changes.length) : changes.length > 0 ? say('admin.would', changes.length) : say('admin.same');
  $('changes').replaceChildren(...changes.map(change => make('li', `${change.date} ${change.name} · ${say('admin.' + kind(change.wasOffDay))} → ${say('admin.' + kind(change.isOffDay))}`)));
  const whom = halls.flatMap(hall => hall.appointments.map(a => `${nameOf(hall.name)} · ${a.slot.slice(0, 10)} ${a.slot.slice(11, 16)} · ${nameOf(a.name)} (${a.service}) · ${a.code}`));
  $('whom-title').hidden = whom.length === 0 && notAsked.length === 0;
  $('whom').replaceChildren(...whom.map(text => make('li', text)), ...notAsked.map(hall => make('li', say('admin.notAsked', hallName(hall)))));
}

function kind(isOffDay) {
  return isOffDay === null ? 'week' : isOffDay ? 'off' : 'on';
}

async function apply() {
  if (checked === null) return;
  $('apply').disabled = true;
  const answer = await put('holidays', new Written(checked));
  if (!answer.ok) return wrong(answer.problem.sentence);
  checked = null;
  show(answer.data);
  await lookAtHolidays();
}

async function accept() {
  if (step === null) return;
  const answer = await post('clock/accept', { stepSeconds: step });
  if (!answer.ok) wrong(answer.problem.sentence);
  else await look();
}

function wrong(words) {
  $('wrong').hidden = false;
  fill($('wrong'), { wrong: words });
}

$('file').addEventListener('change', async event => {
  await tryFile(event.target.files[0]);
  // The same file again, mended meanwhile, is a change too.
  event.target.value = '';
});
$('apply').addEventListener('click', apply);
$('accept').addEventListener('click', accept);
await lookAtHolidays();
await look();
setInterval(look, EVERY);
