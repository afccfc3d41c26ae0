// The hall board: calls, windows, and one line of news that turns.

import { localDay, notBefore, setClock } from '../clock.js';
import { when } from '../dates.js';
import { WINDOW_STATES, both, fill, list, page, setState, setText, showStatus } from '../page.js';
import { aboutWait } from '../estimate.js';
import { Feed } from '../feed.js';
import { Announcer, STANDS_OUT, wordsOf } from '../announcer.js';
import { Sound } from '../sound.js';

const { hall, zone, device } = page.data;
const CALLS = 6, WINDOWS = 40, NEWS_SECONDS = 8;
const [calls, windows, news] = ['calls', 'windows', 'news'].map(id => document.getElementById(id));
const [callTemplate, tileTemplate] = ['call', 'tile'].map(id => document.getElementById(id));
const WORDS = { paused: 'board.paused', closed: 'board.closed', idle: 'board.free' };
let board = null, turn = 0, day = null;

setClock(page.data.asOf, page.data.speed);

const noSound = document.getElementById('no-sound'), announced = document.getElementById('announced');
const sound = new Sound(showSound);
const announcer = new Announcer({ sound, isStill, onShow: showCall, onSpeak: call => device && feed.announced(call.id) });
// Calls of the last seconds by window: they stand out in the lists, all at once, while they are announced one by one.
const standing = new Map();

const feed = new Feed({ onStatus: showStatus, onAnnounce: announce });
const watch = feed.watch(zone ? 'WatchZone' : 'WatchHall', zone ? [hall, zone] : [hall], zone ? `zone/${hall}/${zone}` : `hall/${hall}`, state => {
  const first = board === null;
  board = state;
  notBefore(state.asOf);
  paint(first);
  document.documentElement.dataset.fed = '';
});
feed.start();
setInterval(() => showNews(++turn), NEWS_SECONDS * 1000);
// At midnight tomorrow is today.
setInterval(() => { if (board && day !== localDay()) paint(false); }, 1000);
// Its place on the floor board; what it lacks is seen there.
if (device) setInterval(report, 10_000);
// Browsers are silent until somebody touches them: any touch or key will do.
for (const gesture of ['pointerup', 'keydown']) document.addEventListener(gesture, () => sound.unlock());

function report() {
  feed.report({ sequenceShown: watch.picture.sequence ?? 0, sound: sound.state, version: 'board-2' });
}

function showSound(state) {
  noSound.hidden = state === 'playing';
  const words = both(state === 'none' ? 'board.noSoundHere' : 'board.noSound');
  for (const language of ['zh', 'en']) setText(noSound.querySelector(`.${language}`), words[language]);
  if (device) report();
}

function announce(call) {
  standing.set(call.window, call);
  setTimeout(() => {
    if (standing.get(call.window) !== call) return;
    standing.delete(call.window);
    if (board) paint(false);
  }, STANDS_OUT);
  if (board) paint(false);
  announcer.add(call);
}

/** Whether the visitor is still being called, as far as this board knows: a picture from before the call (its id is its sequence) knows nothing of it. */
function isStill(call) {
  if (watch.picture.sequence === null || watch.picture.sequence < call.id) return true;
  const window = board.windows.find(w => w.window === call.window);
  return window?.state === 'calling' && window.ticket === call.ticket;
}

/** The call that is being announced, in words, where the news stands else; null: none. */
function showCall(call) {
  announced.hidden = call === null;
  if (!call) return;
  const words = wordsOf('calledTo', call);
  fill(announced, { words: words.zh, english: words.en });
}

/** Closed by its calendar, and the last visitor has gone. */
function isOver() {
  return !board.open && !board.suspended && !board.windows.some(w => w.state === 'calling' || w.state === 'serving');
}

/** Whoever stands before it goes to another one: not on duty, whether somebody is signed in there or not. */
function leads(w) {
  return Boolean(w.goTo) && (w.state === 'paused' || w.state === 'closed');
}

function paint(first) {
  day = localDay();
  const at = new Map(board.windows.map(w => [w.window, w]));
  list(calls, callTemplate, board.calls.slice(0, CALLS), call => `${call.ticket}@${call.window}`, (row, call, isNew) => {
    fill(row, { ticket: call.ticket, window: call.window });
    row.querySelector('.ticket').classList.toggle('long', call.ticket.length > 4);
    const window = at.get(call.window);
    row.classList.toggle('now', window?.state === 'calling' && window.ticket === call.ticket);
    row.classList.toggle('fresh', isNew && !first);
    row.classList.toggle('called', standing.get(call.window)?.ticket === call.ticket);
  });
  calls.hidden = board.calls.length === 0 || isOver();
  fill(document.getElementById('no-calls'), { calls: both(isOver() ? 'board.notOpenNow' : 'board.noCalls'), opens: isOver() && board.opensAt ? both('common.opensAt', when(board.opensAt)) : null });
  document.getElementById('no-calls').hidden = !calls.hidden;

  // As on the server: where they are too many, closed ones are left out first.
  const shown = board.windows.length <= WINDOWS ? board.windows : board.windows.filter(w => w.state !== 'closed').slice(0, WINDOWS);
  windows.dataset.density = shown.length <= 8 ? '8' : shown.length <= 15 ? '15' : shown.length <= 24 ? '24' : '40';
  list(windows, tileTemplate, shown, w => w.window, (tile, w) => {
    setState(tile, leads(w) ? 'paused' : w.state, WINDOW_STATES);
    tile.classList.toggle('called', w.state === 'calling' && standing.get(w.window)?.ticket === w.ticket);
    const word = w.ticket ? null : wordOf(w);
    fill(tile, { window: w.window, ticket: w.ticket });
    tile.querySelector('.number').classList.toggle('long', w.window.length > 2);
    tile.querySelector('.ticket').classList.toggle('long', (w.ticket ?? '').length > 4);
    const place = tile.querySelector('.word');
    place.hidden = word === null;
    if (!word) return;
    if (place.firstChild?.nodeType !== Node.TEXT_NODE) place.prepend('');
    if (place.firstChild.data !== word.shown) place.firstChild.data = word.shown;
    setText(place.querySelector('.unseen'), word.read);
  });
  showNews(turn);
}

/** What a tile without a number shows, and what is read out: a dash for one that is closed, an arrow to the window to go to, else a word. */
function wordOf(w) {
  const word = both(WORDS[w.state] ?? 'board.free');
  if (leads(w)) return { shown: '→' + w.goTo, read: `${both('board.paused').zh} ${both('board.goTo', w.goTo).zh} ${both('board.paused').en}, ${both('board.goTo', w.goTo).en}` };
  return { shown: w.state === 'closed' ? '—' : word.zh, read: word.en };
}

/** What is told, one after the other: why nothing goes on; who waits where; who is next; windows that are paused; numbers that were missed; the hall's notices. */
function newsOf() {
  const told = [];
  const portrait = innerHeight > innerWidth;
  const tell = (head, body, perishable = true) => told.push({ head, body, perishable });
  const join = parts => ({ zh: parts.map(p => p.zh).join(' '), en: parts.map(p => p.en).join(', ') });
  if (board.suspended) tell(both('board.suspended'), { zh: board.suspended.reason ?? '', en: '' });
  if (board.suspended?.until) tell(both('board.suspended'), both('board.suspendedUntil', when(board.suspended.until)));
  if (!board.open && !board.suspended && board.opensAt) tell(both('board.notOpenNow'), both('board.opensAt', when(board.opensAt)), false);
  // Who waits where; while nobody waits, what is open.
  const busy = board.lines.filter(l => l.suspended || l.waiting);
  for (const line of busy.length ? busy : board.lines.filter(l => l.openWindows)) {
    const facts = line.suspended ? [both('board.suspended')] : [both('board.waiting', line.waiting)];
    if (!line.suspended && line.estimate && line.waiting) facts.push(aboutWait('board.minutes', line.estimate));
    tell({ zh: `${line.prefix} ${line.name.zh}`, en: `${line.prefix} ${line.name.en ?? ''}` }, join(facts));
  }
  // Nobody gets ready for a line that nobody calls.
  const called = new Set(board.lines.filter(l => !board.suspended && !l.suspended && l.openWindows).map(l => l.line));
  const next = board.next.filter(n => called.has(n.line)).flatMap(n => n.tickets);
  for (const some of chunks(next, portrait ? 4 : 6)) tell(both('board.next'), { zh: some.join(' '), en: some.join(' ') });
  // Between sessions all of them are, and that is told above. Those with the same to say are told together.
  const alike = new Map();
  for (const w of board.open ? board.windows.filter(w => w.state === 'paused' || leads(w)) : []) {
    const key = `${w.reopensAt}/${w.goTo}`;
    alike.set(key, [...alike.get(key) ?? [], w]);
  }
  for (const some of [...alike.values()].flatMap(all => chunks(all, 3))) {
    const [{ reopensAt, goTo }] = some;
    const facts = [];
    if (reopensAt) facts.push(both('board.backAt', when(reopensAt)));
    if (goTo) facts.push(both('board.goTo', goTo));
    tell(both(some.length > 1 ? 'board.windowsPaused' : 'board.windowPaused', some.map(w => w.window).join(' ')), join(facts));
  }
  const missed = board.missed.map(m => m.ticket);
  for (const some of chunks(missed, portrait ? 5 : 6)) tell(both('board.missed'), { zh: some.join(' '), en: some.join(' ') + ': ' + both('board.missedHint').en });
  for (const notice of board.notices) {
    const english = notice.text.en ?? '';
    // Pieces of about the same length, as many as the longer of the two languages needs: English has one line of each.
    const most = 23;
    const needed = Math.max(Math.ceil(widthOf(notice.text.zh) / (most - 2)), Math.ceil(english.length / (portrait ? 56 : 110)));
    const pieces = wrap(notice.text.zh, Math.min(most, Math.ceil(widthOf(notice.text.zh) / needed) + 2));
    const words = english.split(' ');
    const each = Math.ceil(words.length / pieces.length);
    pieces.forEach((piece, i) => tell({ zh: '', en: '' }, { zh: piece, en: words.slice(i * each, (i + 1) * each).join(' ') }, false));
  }
  return told;
}

function showNews(number) {
  if (!board) return;
  const told = newsOf();
  const now = told[number % told.length] ?? { head: { zh: '', en: '' }, body: { zh: '', en: '' } };
  news.classList.toggle('suspended', Boolean(board.suspended));
  news.classList.toggle('perishable', now.perishable === true);
  news.classList.toggle('notice-news', !now.head.zh);
  fill(news, { head: now.head.zh ? now.head : null, body: now.body, english: `${now.head.en} ${now.body.en}`.trim() });
}

function chunks(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Pieces of at most `width` Han characters, Latin counting half, broken after punctuation where there is some in the later half. */
function wrap(text, width) {
  const pieces = [];
  let piece = '', size = 0, stop = 0;
  for (const character of text) {
    const wide = widthOf(character);
    if (size + wide > width) {
      const at = stop > width / 2 ? stop : piece.length;
      pieces.push(piece.slice(0, at));
      piece = piece.slice(at);
      size = widthOf(piece);
      stop = 0;
    }
    piece += character;
    size += wide;
    if (/[\s\uff0c\u3002\uff1b\u3001\uff1a\uff01\uff1f,;:.!?]/.test(character)) stop = piece.length;
  }
  if (piece.trim()) pieces.push(piece);
  return pieces;
}

function widthOf(text) {
  return [...text].reduce((sum, character) => sum + (character.charCodeAt(0) > 0xff ? 1 : 0.6), 0);
}
