// The clerk's counter: every action on a key. What is shown is the floor's feed; an answer to a key is shown at once and the feed confirms it.

import { Feed } from '../feed.js';
import { Presses } from '../presses.js';
import { hallNow, notBefore, setClock } from '../clock.js';
import { fill, page, say, setText, showStatus } from '../page.js';
import { Timetable } from '../timetable.js';
import { Materials } from './counter-materials.js';
import { openDialog, wireDialogs } from './counter-dialogs.js';
import { chosenTarget } from './counter-transfer.js';
import { paint, picture, sentence, tick } from './counter-view.js';

const { hall, window: windowId, outcomeRequired } = page.data;
const path = command => `halls/${encodeURIComponent(hall)}/windows/${encodeURIComponent(windowId)}/${command}`;

/** A second press so soon after an answer was meant for what is over already. */
const SETTLE = 500;

/** How long what was done is said: to read it twice. */
const SAID_FOR = 10_000;
let said = null;

/** `answered`: the ticket as the last answer had it. `stamped`: the stages marked on this page, by number. */
const desk = { state: null, answered: null, outcome: null, stamped: new Map(), offline: false, timetable: new Timetable(hall, () => desk.state && repaint()) };
const nextKey = document.querySelector('[data-action=next]');
const presses = new Presses(name => {
  for (const button of document.querySelectorAll('[data-action]')) button.toggleAttribute('aria-busy', name === button.dataset.action);
  if (name) tell('');
});
const materials = new Materials(() => { if (materials.any && desk.outcome !== 'toldOnce') choose('toldOnce'); });

setClock(page.data.asOf, page.data.speed);
const feed = new Feed({ onStatus: status => {
  showStatus(status);
  desk.offline = status.offline || status.state !== 'live';
  document.getElementById('offline-help').hidden = !desk.offline;
} });
feed.watch('WatchFloor', [hall], `floor/${hall}`, (state, changes) => {
  desk.state = state;
  if (changes === null) {
    setClock(state.asOf);
    desk.timetable.ask();
  }
  for (const call of state.calls) notBefore(call.calledAt);
  repaint();
  document.documentElement.dataset.fed = '';
});
feed.start();
setInterval(() => desk.state && tick(desk), 1000);

function repaint() {
  const before = desk.now?.number;
  desk.now = picture(desk);
  if (desk.now.number !== before) {
    choose(null);
    materials.show(desk.now.service?.materials ?? []);
    wrong('');
    document.getElementById('outcome-wrong').hidden = true;
  }
  // One who is sent away comes back to what was stamped; of a visit that is over nothing is kept.
  for (const number of desk.stamped.keys())
    if (number !== desk.now.number && !desk.state.tickets.some(t => t.ticket === number)) desk.stamped.delete(number);
  forget();
  paint(desk);
}

function choose(outcome) {
  desk.outcome = desk.outcome === outcome ? null : outcome;
  document.getElementById('outcome-wrong').hidden = true;
  if (desk.outcome !== 'toldOnce') materials.clear();
  if (desk.now) paint(desk);
}

// ---- what the keys do

const MODES = { // In which states of the window a key does something, and what is said in the others.
  recall: [['calling', 'serving'], 'NothingCalled'], start: [['calling'], 'NothingCalled'], finish: [['serving', 'calling'], 'NothingCalled'], 'no-show': [['calling', 'serving'], 'NothingCalled'],
  hold: [['serving'], 'NothingCalled'], transfer: [['calling', 'serving'], 'NothingCalled'], accept: [['calling', 'serving'], 'NothingCalled'],
};

const actions = {
  next: () => advance('next'),
  finish: () => advance('finish'),
  recall: () => command('recall'),
  start: () => command('start'),
  'no-show': () => command('no-show'),
  open: () => command('open', {}),
  resume: () => command('resume'),
  hold: () => command('hold'),
  accept: () => command('accept'),
};

const dialogs = {
  back: () => openDialog('back', desk),
  pause: () => desk.now.mode === 'paused' ? act('resume') : openDialog('pause', desk),
  close: () => openDialog('close', desk),
  'close-paused': () => openDialog('close', desk),
  'take-over': () => openDialog('take-over', desk),
  transfer: () => cannot('transfer') ? wrong(cannot('transfer'), 'transfer') : openDialog('transfer', desk),
};

function act(name) {
  if (!desk.now) return;
  if (name in dialogs) dialogs[name]();
  else presses.inTurn(name, () => perform(name));
}

async function perform(name) {
  if (cannot(name)) return wrong(cannot(name), name);
  await actions[name]();
}

/** Why a key can do nothing in the window's state; null where it can, and where the state is not known. */
function cannot(name) {
  const [modes, code] = MODES[name] ?? [];
  if (!modes || modes.includes(desk.now.mode) || desk.offline) return null;
  if (name === 'start' && desk.now.mode === 'serving') return say('problem.AlreadyStarted');
  return say('problem.' + (name === 'hold' && desk.now.mode === 'calling' ? 'NotStarted' : code));
}

/** Stamps a stage of whoever is there. Two stages stamped quickly are two presses. */
function stamp(stage) {
  const { number } = desk.now ?? {};
  if (!number) return;
  presses.inTurn(`stage ${stage}`, async () => {
    if (!await command('stage', { stage })) return;
    desk.stamped.set(number, new Set([...desk.stamped.get(number) ?? [], stage]));
    tell(say('counter.doneStage', number, say('counter.stage' + stage[0].toUpperCase() + stage.slice(1))));
    paint(desk);
  });
}

async function advance(name) {
  if (nextKey.hasAttribute('data-settling')) return;
  const there = desk.now.mode === 'calling' || desk.now.mode === 'serving';
  if (there && outcomeRequired && !desk.outcome) return missing('outcome-wrong', say('problem.OutcomeRequired'), '.outcome');
  if (there && desk.outcome === 'toldOnce' && !materials.any) return missing('materials-wrong', say('counter.missingNeeded'), '#materials input');
  const body = there ? { outcome: desk.outcome, missing: desk.outcome === 'toldOnce' ? materials.words : null } : {};
  await command(name, body);
}

function settle() {
  nextKey.setAttribute('data-settling', '');
  setTimeout(() => nextKey.removeAttribute('data-settling'), SETTLE);
}

function missing(id, words, focus) {
  const place = document.getElementById(id);
  place.hidden = false;
  setText(place, words);
  document.querySelector(focus)?.focus();
}

/** After these the ticket of the answer is not the one at the window. */
const ENDS = ['back', 'no-show', 'finish', 'hold', 'transfer'];

/** Sends a command of the window; true when it was done. Its problem goes to `onProblem`, by default beside the keys. */
async function command(name, body = undefined, onProblem = words => wrong(words, name)) {
  const answer = await presses.send(name, path(name), body, `${desk.now.mode} ${desk.now.number}`);
  if (!answer) return false;
  if (!answer.ok) {
    onProblem(sentence(answer));
    return false;
  }
  if (name === 'next' || name === 'finish') settle();
  wrong('');
  const ticket = answer.data && 'called' in answer.data ? answer.data.called : answer.data?.number ? answer.data : null;
  if (ticket && !ENDS.includes(name)) desk.answered = ticket;
  notBefore(ticket?.calledAt);
  tell(doneWords(name, answer.data), answer.data && 'called' in answer.data ? answer.data.called : answer.data);
  if (desk.state) repaint();
  return true;
}

function doneWords(name, data) {
  switch (name) {
    case 'next': {
      const finished = data.finished && say('counter.doneFinished', data.finished.number, say('counter.outcome' + data.finished.outcome[0].toUpperCase() + data.finished.outcome.slice(1)));
      return [finished, data.called ? say('counter.doneCalled', data.called.number) : say('counter.doneNobody')].filter(Boolean).join(' · ');
    }
    case 'finish': return say('counter.doneFinished', data.number, say('counter.outcome' + data.outcome[0].toUpperCase() + data.outcome.slice(1)));
    case 'recall': return say('counter.doneRecalled', data.number, data.times);
    case 'start': return say('counter.doneStarted', data.number);
    case 'no-show': return say(data.state === 'expired' ? 'counter.doneExpired' : 'counter.doneMissed', data.number);
    case 'back': return say('counter.returned', data.number);
    case 'hold': return say('counter.doneHeld', data.number);
    case 'transfer': return say('counter.doneTransferred', data.number, chosenTarget()?.words ?? '');
    case 'accept': return say('counter.doneAccepted', data.number);
    default: return '';
  }
}

// ---- what is said

function wrong(words, action = null) {
  const strip = document.getElementById('desk-wrong');
  strip.hidden = !words;
  fill(strip, { words });
  for (const button of document.querySelectorAll('[data-action]')) button.classList.toggle('refused', Boolean(words) && button.dataset.action === action);
}

/** @param ticket whom it is of, in the state that it says; null: only time ends it. */
function tell(words, ticket = null) {
  clearTimeout(said?.timer);
  said = words ? { number: ticket?.number, state: ticket?.state, seen: false, timer: setTimeout(() => tell(''), SAID_FOR) } : null;
  fill(document.getElementById('desk-done'), { words });
}

/** "D001 is held" goes once D001 is held no more. The feed may be behind the answer: what it never showed is left to time. */
function forget() {
  if (!said?.number) return;
  if (desk.state.tickets.find(t => t.ticket === said.number)?.state === said.state) said.seen = true;
  else if (said.seen) tell('');
}

// ---- the keyboard

const KEYS = { r: 'recall', s: 'start', f: 'finish', n: 'no-show', b: 'back', p: 'pause', c: 'close', o: 'open', h: 'hold', a: 'accept' };
const keysSwitch = document.getElementById('keys-switch');

function setKeys(on) {
  keysSwitch.setAttribute('aria-pressed', String(on));
  fill(keysSwitch, { keys: say(on ? 'counter.keysOn' : 'counter.keysOff') });
  document.documentElement.toggleAttribute('data-keys-off', !on);
  localStorage.setItem('hallops-keys', on ? 'on' : 'off');
}

setKeys(localStorage.getItem('hallops-keys') !== 'off');
keysSwitch.addEventListener('click', () => setKeys(keysSwitch.getAttribute('aria-pressed') !== 'true'));

document.addEventListener('keydown', event => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return;
  if (event.key === 'Escape') return leave();
  // What had the focus in a dialog keeps it for a moment after the dialog has closed.
  const at = event.target.closest('dialog') ? document.body : event.target;
  const typing = at.matches('input:not([type=checkbox]), textarea, select');
  if (typing || keysSwitch.getAttribute('aria-pressed') !== 'true') return;
  // An input method for Chinese may swallow the letter and leave only where it sits.
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : null;
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  const atControl = at.matches('button, a, input, summary');
  if ((event.code === 'Space' || event.code === 'NumpadEnter') && !atControl) {
    event.preventDefault();
    act('next');
  } else if (event.key === '?') {
    document.getElementById('keys-dialog').showModal();
  } else if (digit) {
    if (at.closest('#materials')) materials.toggle(Number(digit));
    else if (at.closest('#stages')) document.querySelectorAll('.stage')[digit - 1]?.click();
    else if (desk.now?.number) choose(document.querySelectorAll('.outcome')[digit - 1].dataset.outcome);
  } else if (letter === 'm') {
    event.preventDefault();
    document.querySelector('#materials input')?.focus();
  } else if (letter === 'g') {
    event.preventDefault();
    (document.querySelector('.stage[aria-pressed=false]') ?? document.querySelector('.stage')).focus();
  } else if (letter === 't') {
    event.preventDefault();
    act(desk.now?.mode === 'taken' ? 'take-over' : 'transfer');
  } else if (letter && KEYS[letter]) {
    event.preventDefault();
    act(KEYS[letter]);
  }
});

/** Out of a field and back to the keys: Space is "next" again. */
function leave() {
  document.activeElement?.blur();
  wrong('');
}

for (const button of document.querySelectorAll('[data-action], .outcome')) {
  // A mouse leaves the focus where it was, or the next Space would press this button again.
  button.addEventListener('mousedown', event => event.preventDefault());
  button.addEventListener('click', () => button.dataset.action ? act(button.dataset.action) : choose(button.dataset.outcome));
}
for (const button of document.querySelectorAll('.stage')) {
  button.addEventListener('mousedown', event => event.preventDefault());
  // Back to the keys: Space is "next" again.
  button.addEventListener('click', () => { leave(); stamp(button.dataset.stage); });
}
for (const id of ['held', 'missed']) document.getElementById(id).addEventListener('click', event => {
  const row = event.target.closest('li');
  if (row) presses.inTurn('back', () => command('back', { number: row.dataset.key }, words => wrong(words, 'back')));
});
document.getElementById('missing-other').addEventListener('keydown', event => { if (event.key === 'Enter') { leave(); act('next'); } });
wireDialogs({ send: (name, ...rest) => presses.inTurn(name, () => command(name, ...rest)), until: minutes => minutes ? new Date(hallNow() + minutes * 60_000).toISOString() : null });
