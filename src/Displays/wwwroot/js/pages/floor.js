// The manager's floor: windows and lines live, profiles by drag and drop or by keyboard, suspensions, calls out of order.

import { hallNow, notBefore, setClock } from '../clock.js';
import { wireDrag } from '../drag.js';
import { Feed } from '../feed.js';
import { fill, nameOf, page, say, showStatus } from '../page.js';
import { Presses } from '../presses.js';
import { openDialog, wireDialogs } from './floor-dialogs.js';
import { Timetable } from '../timetable.js';
import { paint, paintTimetable, picture, sentence, serviceName, tick } from './floor-view.js';

const { hall } = page.data;
const $ = id => document.getElementById(id);
const base = `halls/${encodeURIComponent(hall)}`;
const floor = { now: null };

/** Milliseconds that the strip says what was done: long enough to read it and to take it back; the tile shows the same for good. */
const SAID_FOR = 15_000;
let said;

const presses = new Presses(name => document.documentElement.toggleAttribute('data-sending', name !== null));

setClock(page.data.asOf, page.data.speed);
const timetable = new Timetable(hall, showTimetable);
const feed = new Feed({ onStatus: showStatus });
feed.watch('WatchFloor', [hall], `floor/${hall}`, (state, changes) => {
  if (changes === null) {
    setClock(state.asOf);
    timetable.ask();
  }
  for (const call of state.calls) notBefore(call.calledAt);
  floor.now = picture(state);
  paint(floor.now);
  warn();
  document.documentElement.dataset.fed = '';
});
feed.start();
setInterval(() => {
  if (!floor.now) return;
  tick(floor.now);
  showTimetable();
}, 1000);

function showTimetable() {
  paintTimetable(timetable, floor.now?.state.opensAt ?? null);
}

// ---- writes

/**
 * Sends one command; its answer, or null when it was not done: `wrong` then says why.
 * @param about the window it is about.
 * @param intent of a dialog: as long as it is open, pressing again after silence means the same, whatever the picture has become.
 */
function send(name, path, body, options) {
  // A third press must not vanish without a word.
  return presses.inTurn(name, () => sendNow(name, path, body, options), () => {
    options.wrong(say('floor.busy'));
    return null;
  });
}

async function sendNow(name, path, body, { wrong, done, about = null, intent = null, method = 'POST' }) {
  wrong('');
  const seen = about ? floor.now.byWindow.get(about) : floor.now.state.suspended;
  const answer = await presses.send(name, path, body, intent ?? JSON.stringify([seen?.state, seen?.ticket, seen?.seat, seen?.reason]), method);
  if (!answer) return null;
  if (!answer.ok) {
    wrong(sentence(answer, about && floor.now.byWindow.get(about)), answer.problem);
    return null;
  }
  if (done) tell(done(answer.data));
  return answer;
}

const windowPath = (window, command) => `${base}/windows/${encodeURIComponent(window)}/${command}`;

/** Changes a window's profile; the strip then offers to undo it. */
async function setProfile(window, profile, words, wrong, undoable = true) {
  const before = floor.now.byWindow.get(window).seat.profile;
  const lines = profile.map(({ line, afterMinutes, onlyAfterWaitMinutes }) => ({ line, afterMinutes, onlyAfterWaitMinutes }));
  const answer = await send(`profile ${window} ${JSON.stringify(lines)}`, windowPath(window, 'profile'), { lines }, { method: 'PUT', about: window, wrong, done: () => words });
  if (answer) {
    told = { words, window, lines: lines.map(l => l.line).filter(line => !before.some(p => p.line === line)) };
    warn();
    if (undoable) offerUndo([{ window, profile: before }]);
  }
  return Boolean(answer);
}

// The last change of a profile: what was said of it, and the lines that are new there.
let told = null;

/** A line that whoever sits there cannot do is no refusal, the window may get another clerk; but it must not look as if it were served now. */
function warn() {
  if (!told || $('done').querySelector('[data-slot=done]').textContent !== told.words) return;
  const cut = floor.now.byWindow.get(told.window)?.served.filter(p => told.lines.includes(p.line) && p.offered !== 'all') ?? [];
  if (cut.length === 0) return;
  fill($('done'), { done: [told.words, ...cut.map(p => say(p.offered === 'none' ? 'floor.cannotDoNow' : 'floor.cannotDoAllNow', told.window, nameOf(p.name)))].join(page.lang === 'zh' ? '。' : '. ') });
  told = null;
}

let undo = [];
function offerUndo(steps) {
  undo = steps;
  $('undo').hidden = steps.length === 0;
}

$('undo').addEventListener('click', async () => {
  for (const { window, profile } of undo)
    if (!await setProfile(window, profile, say('floor.doneUndone'), beside(tileOf(window)), false)) return;
  offerUndo([]);
  tileOf(focused)?.querySelector('[data-pick]').focus();
});

// ---- drag and drop

const tileOf = window => $('windows').querySelector(`[data-key="${CSS.escape(window ?? '')}"]`);
const profileOf = window => floor.now.byWindow.get(window)?.seat.profile ?? [];
const serves = (window, line) => profileOf(window).some(p => p.line === line);

wireDrag({
  items: '[data-drag]',
  targets: '.floor-tile',
  words(item, tile) {
    const [line, from, to] = places(item, tile);
    if (to === from) return from ? '' : say('floor.dragNowhere');
    if (!to) return say('floor.dragRemove', from);
    return serves(to, line) ? say('floor.dragThere', to) : from ? say('floor.dragMove', to) : say('floor.dragAdd', to);
  },
  drop: (item, tile) => floor.now && move(...places(item, tile)),
});

/** [line, the window it comes from, the window it goes to]; null for none. */
function places(item, tile) {
  return [item.dataset.key, item.dataset.drag === 'chip' ? item.closest('.floor-tile').dataset.key : null, tile?.dataset.key ?? null];
}

async function move(line, from, to) {
  if (from === to || (to && serves(to, line))) return;
  const name = nameOf(floor.now.byLine.get(line)?.name);
  const kept = from && profileOf(from).filter(p => p.line !== line);
  if (from && kept.length === 0) return beside(tileOf(from))(say('floor.lastLine'));
  const before = [from, to].filter(Boolean).map(window => ({ window, profile: profileOf(window) }));
  // Added first: a line must never be without the window it is to have because the second write failed.
  if (to && !await setProfile(to, [...profileOf(to), { line, afterMinutes: 0, onlyAfterWaitMinutes: 0 }], say('floor.doneAdded', to, name), beside(tileOf(to)))) return;
  if (from && !await setProfile(from, kept, to ? say('floor.doneMoved', from, to, name) : say('floor.doneRemoved', from, name), beside(tileOf(from)))) return;
  offerUndo(before);
}

// ---- what is said, beside what caused it

/** Says what is wrong inside an element, in its own slot. */
function beside(element) {
  return words => {
    const place = element?.querySelector(':scope > .wrong, :scope > div > .wrong');
    if (!place) return;
    place.hidden = !words;
    place.textContent = words;
  };
}

function tell(words) {
  offerUndo([]);
  for (const place of document.querySelectorAll('.floor-tile > .wrong, .floor-line > .wrong, .floor-notice > .wrong')) place.hidden = true;
  fill($('done'), { done: words || null });
  clearTimeout(said);
  said = setTimeout(quiet, SAID_FOR);
}

/** Takes the strip away, unless somebody is about to use it. */
function quiet() {
  if ($('done').matches(':hover, :focus-within')) said = setTimeout(quiet, SAID_FOR);
  else fill($('done'), { done: null });
}

// ---- lines and the hall

async function resume(body, name, element, done) {
  await send(name, `${base}/resume`, body, { wrong: beside(element), done: () => say('floor.doneResumedWhat', done) });
}

$('lines').addEventListener('click', event => {
  const row = event.target.closest('.floor-line');
  const line = floor.now?.byLine.get(row?.dataset.key);
  if (!line) return;
  const service = event.target.closest('[data-resume-service]')?.closest('li').dataset.key;
  if (service) resume({ services: [service] }, `resume ${service}`, row, serviceName(service));
  else if (event.target.closest('[data-resume]')) resume({ lines: [line.line] }, `resume ${line.line}`, row, nameOf(line.name));
  else if (event.target.closest('[data-suspend]')) openDialog('suspend', floor, { line });
});
$('suspend-hall').addEventListener('click', () => floor.now && openDialog('suspend', floor, { line: null }));
document.querySelector('[data-resume-hall]').addEventListener('click', () => resume({}, 'resume hall', $('hall-suspended'), say('floor.hall')));

$('post-notice').addEventListener('click', () => floor.now && openDialog('notice', floor, {}));
$('notices').addEventListener('click', async event => {
  const row = event.target.closest('[data-withdraw]')?.closest('.floor-notice');
  if (!row) return;
  const notice = row.dataset.key;
  const answer = await send(`withdraw ${notice}`, `${base}/notices/${notice}/withdraw`, undefined, { intent: notice, wrong: beside(row), done: () => say('floor.doneWithdrawn') });
  // Its button goes with it: whoever works by keys goes on from the next one, or from where notices are posted.
  if (answer) ([...$('notices').querySelectorAll('.floor-notice')].find(other => other !== row)?.querySelector('[data-withdraw]') ?? $('post-notice')).focus();
});

// ---- windows, by mouse and keys

let focused = null;
const LETTERS = { l: 'lines', o: 'open', p: 'pause', c: 'close', k: 'call' };

$('windows').addEventListener('click', event => {
  const tile = event.target.closest('[data-pick]')?.closest('.floor-tile');
  if (tile && floor.now) openDialog('window', floor, { window: tile.dataset.key });
});
$('windows').addEventListener('focusin', event => { focused = event.target.closest('.floor-tile')?.dataset.key ?? focused; });
$('windows').addEventListener('keydown', event => {
  const tile = event.target.closest('.floor-tile');
  if (!tile || !floor.now || event.ctrlKey || event.altKey || event.metaKey || event.repeat && !event.key.startsWith('Arrow')) return;
  if (event.key.startsWith('Arrow')) {
    event.preventDefault();
    neighbour(tile, event.key)?.querySelector('[data-pick]').focus();
    return;
  }
  const action = LETTERS[letterOf(event)];
  if (!action) return;
  event.preventDefault();
  act(action, tile.dataset.key);
});

/** An input method for Chinese may swallow the letter and leave only where it sits. */
function letterOf(event) {
  return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.startsWith('Key') ? event.code.slice(3).toLowerCase() : '';
}

function neighbour(tile, key) {
  const tiles = [...$('windows').children];
  if (key === 'ArrowLeft' || key === 'ArrowRight') return tiles[tiles.indexOf(tile) + (key === 'ArrowLeft' ? -1 : 1)];
  const { left, top } = tile.getBoundingClientRect();
  const beyond = tiles.map(other => ({ other, box: other.getBoundingClientRect() })).filter(({ box }) => key === 'ArrowUp' ? box.top < top - 4 : box.top > top + 4);
  return beyond.sort((a, b) => Math.abs(a.box.top - top) - Math.abs(b.box.top - top) || Math.abs(a.box.left - left) - Math.abs(b.box.left - left))[0]?.other;
}

/** What a key or button at a window does. What needs an answer opens its dialog. */
function act(action, window, wrong = beside(tileOf(window))) {
  const w = floor.now.byWindow.get(window);
  if (action === 'pause' && w.state === 'paused') action = 'resume';
  const fits = { open: ['closed'], pause: ['idle', 'calling', 'serving'], resume: ['paused'], close: ['idle', 'calling', 'serving', 'paused'], call: ['idle'], lines: null }[action];
  if (fits && !fits.includes(w.state)) return wrong(say(action === 'call' ? 'floor.notIdle' : 'floor.windowState', window, say('common.' + w.state)));
  wrong('');
  $('window-dialog').close();
  if (action === 'resume') return send(`resume ${window}`, windowPath(window, 'resume'), undefined, { about: window, wrong: beside(tileOf(window)), done: () => say('floor.doneResumed', window) });
  openDialog(action, floor, { window });
}

wireDialogs({ floor, send, setProfile, act, letterOf, base, windowPath, until: minutes => minutes ? new Date(hallNow() + minutes * 60_000).toISOString() : null });
