// The kiosk: department → service → number in three touches. One visitor's doings live in `visit` alone, and are gone with it.

import { get, newKey, post } from '../api.js';
import { localDay, notBefore, setClock } from '../clock.js';
import { when } from '../dates.js';
import { aboutWait } from '../estimate.js';
import { Feed } from '../feed.js';
import { findServices } from '../find.js';
import { hoursToday, leftAt, numbersFrom, whyNot } from '../hours.js';
import { both, clockTime, fill, list, page, say, showStatus } from '../page.js';
import { CODE_LENGTH, earlyWords, inFours, keptWords, typed } from '../kiosk/check-in.js';
import { Idle } from '../kiosk/idle.js';
import { Paged } from '../kiosk/paged.js';
import { clearSlip, printAppointment, printSlip, showCode } from '../kiosk/slip.js';

const hall = page.data;
const byId = id => document.getElementById(id);
const root = document.querySelector('.kiosk');
const serviceOf = new Map(hall.services.map(service => [service.service, service]));
const departmentOf = new Map(hall.departments.map(department => [department.department, department]));

/** Seconds a number stays on the screen: long enough to read it out to somebody. */
const SHOWN_FOR = 25;
const CARD_LENGTH = 18;

/** Milliseconds after which what is offered is asked for again, even if no news came: what it depends on is more than a board shows. */
const OFFERS_FOR = 60_000;

let board = null;
// What the calendar says: {timeline, offered}; null until it is known.
let hours = null;
let visit = fresh();

function fresh() {
  return { trail: ['home'], department: null, service: null, typed: '', card: '', code: '', asked: null, tried: null, ticket: null, until: null };
}

// ---- grids

const serviceTile = byId('service-tile');
const paintService = (tile, service) => {
  fill(tile, { name: service.name, wait: waitOf(service) });
  tile.classList.toggle('long', service.name.zh.length > 14);
  tile.classList.toggle('off', !isOffered(service));
};
const paintDepartment = (tile, department) => fill(tile, { name: department.name });
const grids = {
  frequent: new Paged(byId('frequent'), serviceTile, s => s.service, paintService),
  departments: new Paged(byId('departments'), byId('department-tile'), d => d.department, paintDepartment),
  'all-departments': new Paged(byId('all-departments'), byId('department-tile'), d => d.department, paintDepartment),
  services: new Paged(byId('services'), serviceTile, s => s.service, paintService),
  results: new Paged(byId('results'), serviceTile, s => s.service, paintService),
};

function drawGrids() {
  for (const grid of Object.values(grids)) grid.draw();
}

// ---- what the hall is doing

function lineOf(service) {
  return board?.lines.find(line => line.line === service.lines[0]);
}

async function askHours() {
  const answer = await get(`halls/${hall.hall}`);
  if (!answer.ok) return;
  hours = { timeline: answer.data.timeline, offered: new Set(answer.data.services.filter(one => one.offeredNow).map(one => one.service)) };
  drawGrids();
  paintHours();
  if (view() === 'service') paintDetail();
}

/** When numbers are given again; null where they are, or the hall is always open. */
const issuesAt = () => hours?.timeline?.issuesAt ?? null;

/** Closed by its calendar: nobody is given a number now, whatever for. */
const isClosed = () => Boolean(hours?.timeline) && !board?.suspended && hours.offered.size === 0 && (issuesAt() !== null || !board?.open);

function paintHours() {
  byId('hours').hidden = !isClosed();
  byId('choose').hidden = isClosed();
  if (isClosed()) fill(byId('hours'), { next: numbersFrom(issuesAt()), today: hoursToday(hours.timeline) });
}

/** Until the first news comes, everything may be asked for: the answer says what is not so. */
function isOffered(service) {
  if (!board) return true;
  return !board.suspended && isServed(service) && (hours === null || hours.offered.has(service.service));
}

/** It is the calendar alone that has no number for it: asking says what is left. */
function isUntimely(service) {
  return Boolean(board && hours?.timeline) && !board.suspended && isServed(service) && !hours.offered.has(service.service);
}

function isServed(service) {
  return service.lines.every(id => !board.lines.find(line => line.line === id)?.suspended && board.windows.some(window => window.lines.includes(id)));
}

function waitOf(service) {
  const line = lineOf(service);
  if (!line) return null;
  const suspended = board.suspended ?? line.suspended;
  if (suspended?.until) return both('kiosk.suspendedUntil', clockTime(suspended.until));
  if (!isOffered(service)) return both(isClosed() ? 'common.noNumbersNow' : 'kiosk.notOffered');
  const people = both('common.peopleWaiting', line.waiting);
  const about = aboutWait('common.aboutMinutes', line.estimate, service.pace);
  return about ? { zh: `${people.zh} · ${about.zh}`, en: `${people.en} · ${about.en}` } : people;
}

// ---- views

const view = () => visit.trail.at(-1);

function go(name) {
  visit.trail.push(name);
  show();
}

function back() {
  if (visit.trail.length > 1) visit.trail.pop();
  // What was typed is nobody's business once its page is left.
  visit.card = visit.code = '';
  show();
}

function show() {
  const name = view();
  for (const section of document.querySelectorAll('[data-view]')) section.hidden = section.dataset.view !== name;
  root.dataset.at = name;
  byId('home').disabled = name === 'home';
  byId('back').disabled = name === 'home' || name === 'ticket';
  if (name === 'services') fill(document.querySelector('[data-view=services]'), { department: departmentOf.get(visit.department).name });
  if (name === 'search') paintSearch();
  if (name === 'service') paintDetail();
  if (name === 'identity') paintCard(false);
  if (name === 'appointment') paintCode(false);
  drawGrids();
  byId('main').focus();
}

/** As if nobody had been here. */
function leave() {
  visit = fresh();
  setElder(false);
  setLanguage(page.lang);
  clearSlip(byId('slip'));
  byId('code').removeAttribute('src');
  byId('code').hidden = true;
  fill(document.querySelector('[data-view=ticket]'), { number: '', kept: null });
  fill(document.querySelector('[data-view=refused]'), { mine: null });
  grids.departments.show(hall.departments);
  grids['all-departments'].show(hall.departments);
  byId('typed').textContent = '';
  paintCard(false);
  paintCode(false);
  delete root.dataset.print;
  list(byId('results'), serviceTile, [], s => s.service, paintService);
  list(byId('choices'), byId('choice'), [], c => c, () => {});
  grids.results.show([]);
  history.replaceState(null, '', location.pathname);
  show();
}

function pickService(service) {
  visit.service = service;
  go('service');
}

function paintDetail() {
  const service = visit.service;
  const section = document.querySelector('[data-view=service]');
  const line = lineOf(service);
  const offered = isOffered(service);
  // Who would have to type a card's number first is not led on to be refused.
  const mayAsk = isUntimely(service) && service.identity !== 'required';
  fill(section, {
    name: service.name,
    of: departmentOf.get(service.department).name,
    waiting: line ? both('kiosk.people', line.waiting) : { zh: '–', en: '' },
    expected: isClosed() ? numbersFrom(issuesAt()) ?? both('common.noNumbersNow') : line && line.openWindows === 0 ? both('kiosk.noWindow') : aboutWait('kiosk.minutes', line?.estimate, service.pace) ?? { zh: '–', en: '' },
    promised: service.kind === 'immediate' ? both('kiosk.immediate') : service.promisedDays ? both('kiosk.days', service.promisedDays) : both('kiosk.atWindow'),
    fee: service.fee ?? both('kiosk.atWindow'),
    take: offered ? both('kiosk.takeNumber') : mayAsk ? both('kiosk.otherWays') : waitOf(service),
  });
  byId('take').disabled = !(offered || mayAsk) || visit.asked !== null;
  list(byId('materials'), byId('material'), service.materials, m => m.zh, (item, material) => fill(item, { name: material }));
  byId('no-materials').hidden = service.materials.length > 0;
  byId('needs-card').hidden = service.identity !== 'required';
  list(byId('classes'), byId('choice'), offered ? hall.classes : [], c => c.class, (button, one) => {
    fill(button, { words: classWords(one) });
    button.dataset.class = one.class;
  });
  const guide = byId('guide-classes');
  guide.hidden = !hall.guideClasses;
  if (hall.guideClasses) guide.replaceChildren(bothSpan(inBoth('kiosk.priorityGuide', hall.guideClasses)));
}

function classWords(one) {
  const key = !one.card ? 'kiosk.prioritySelf' : one.ageFrom ? 'kiosk.priorityCard' : 'kiosk.priorityCardAny';
  return inBoth(key, one.name, one.ageFrom);
}

/** A text with a name in it, in each language its own. */
function inBoth(key, name, ...values) {
  return { zh: both(key, name.zh, ...values).zh, en: both(key, name.en ?? name.zh, ...values).en };
}

function bothSpan(text) {
  const span = document.createElement('span');
  span.className = 'both';
  for (const [lang, tag] of [['zh', 'zh-Hans'], ['en', 'en']]) {
    const part = document.createElement('span');
    [part.className, part.lang, part.textContent] = [lang, tag, text[lang]];
    span.append(part);
  }
  return span;
}

// ---- search

function paintSearch() {
  byId('typed').textContent = visit.typed;
  const found = visit.typed ? findServices(hall.services, visit.typed) : [];
  byId('search-hint').hidden = visit.typed !== '';
  const count = byId('search-count');
  count.hidden = visit.typed === '';
  fill(count, {});
  count.replaceChildren(bothSpan(found.length > 0 ? both('kiosk.results', found.length) : both('kiosk.nothingFound')));
  grids.results.show(found);
}

function typeLetter(key) {
  if (key === 'Backspace') visit.typed = visit.typed.slice(0, -1);
  else if (/^[a-z]$/i.test(key) && visit.typed.length < 12) visit.typed += key.toUpperCase();
  paintSearch();
}

// ---- the ID number: kept in `visit.card` until it is sent, and nowhere else

function typeDigit(key) {
  if (key === 'Backspace') visit.card = visit.card.slice(0, -1);
  else if ((/^\d$/.test(key) || (/^x$/i.test(key) && visit.card.length === CARD_LENGTH - 1)) && visit.card.length < CARD_LENGTH) visit.card += key.toUpperCase();
  paintCard(false);
}

function paintCard(wrong) {
  const digits = byId('digits');
  digits.replaceChildren(...Array.from({ length: CARD_LENGTH }, (_, i) => {
    const cell = document.createElement('i');
    cell.className = i < visit.card.length ? 'full' : '';
    return cell;
  }));
  const count = both('kiosk.cardCount', visit.card.length);
  digits.setAttribute('aria-label', say('kiosk.cardCount', visit.card.length));
  byId('digits-count').replaceChildren(bothSpan(count));
  byId('digits-wrong').hidden = !wrong;
  byId('card-done').disabled = visit.card.length < CARD_LENGTH || visit.asked !== null;
}

// ---- an appointment's code

function typeSign(key) {
  visit.code = typed(visit.code, key);
  paintCode(false);
}

function paintCode(wrong) {
  byId('appointment-code').textContent = inFours(visit.code);
  byId('code-wrong').hidden = !wrong;
  byId('check-in').disabled = visit.code.length < CODE_LENGTH || visit.asked !== null;
}

async function checkIn() {
  if (visit.asked) return;
  const mine = visit;
  mine.asked = { source: 'kiosk', printed: false };
  byId('check-in').disabled = true;
  if (mine.tried?.wish !== mine.code) mine.tried = { wish: mine.code, key: newKey() };
  const answer = await post(`halls/${hall.hall}/appointments/${mine.code}/check-in`, mine.asked, mine.tried.key);
  if (mine !== visit) return;
  mine.asked = null;
  if (answer.ok) {
    mine.tried = null;
    await out(answer.data);
  } else if (answer.problem.code === 'UnknownAppointment') {
    visit.code = '';
    paintCode(true);
  } else {
    notCheckedIn(answer.problem);
  }
}

function notCheckedIn(problem) {
  if (problem.code === 'TooEarlyToCheckIn') {
    const { title, sentence } = earlyWords(problem, board ? localDay() : null);
    shown(title, sentence, null, [['anotherCode', back], ['otherService', leave]]);
  } else if (problem.code === 'AlreadyCheckedIn' && problem.number) {
    shown(both('kiosk.alreadyHave'), both('problem.AlreadyCheckedIn'), problem.number, [['printMine', () => reprint({ number: problem.number })], ['otherService', leave]]);
  } else {
    refused(problem, { again: () => { visit.trail.pop(); show(); checkIn(); } });
  }
}

// ---- the number

let wantedClass = null;

function take(chosen = null) {
  wantedClass = chosen;
  const one = hall.classes.find(c => c.class === chosen);
  if (one?.card || visit.service.identity === 'required') {
    visit.card = '';
    go('identity');
  } else {
    issue();
  }
}

async function issue() {
  if (visit.asked) return;
  const mine = visit;
  mine.asked = { service: mine.service.service, ...(wantedClass && { class: wantedClass }), ...(mine.card && { idNumber: mine.card }), source: 'kiosk', printed: false };
  byId('take').disabled = byId('card-done').disabled = true;
  // One key for one wish: asked again after a broken line, it gives the number that was given already.
  const wish = JSON.stringify(mine.asked);
  if (mine.tried?.wish !== wish) mine.tried = { wish, key: newKey() };
  const answer = await post(`halls/${hall.hall}/tickets`, mine.asked, mine.tried.key);
  if (mine !== visit) return;
  const asked = mine.asked;
  mine.asked = null;
  if (answer.ok || answer.problem.code === 'BadField') mine.tried = null;
  if (answer.ok) await out(answer.data);
  else if (answer.problem.code === 'BadField' && answer.problem.field === 'idNumber') cardWrong();
  else refused(answer.problem, asked);
}

function cardWrong() {
  visit.card = '';
  paintCard(true);
}

async function out(ticket) {
  visit.ticket = ticket;
  visit.card = visit.code = '';
  visit.service = serviceOf.get(ticket.service) ?? visit.service;
  visit.trail = ['home', 'ticket'];
  const section = document.querySelector('[data-view=ticket]');
  fill(section, {
    number: ticket.number,
    service: visit.service.name,
    kept: keptWords(ticket.appointment),
    ahead: ticket.ahead === 0 ? both('kiosk.first') : both('kiosk.ahead', ticket.ahead),
    about: aboutWait('kiosk.aboutWait', ticket.estimate) ?? both('kiosk.noEstimate'),
  });
  // Not on paper yet, so that it may still be given back.
  if (ticket.mayNotBeServed && ticket.state === 'issued') {
    shown(both('kiosk.mayNotTitle'), both('kiosk.mayNot'), null, [['takeAnyway', goOn], ['giveBack', giveBack]]);
    return;
  }
  await goOn();
}

async function goOn() {
  visit.trail = ['home', 'ticket'];
  status('printing');
  show();
  showCode(byId('code'), visit.ticket.token);
  await print();
}

async function giveBack() {
  const mine = visit;
  await post(`tickets/${encodeURIComponent(mine.ticket.token)}/cancel`);
  // Unanswered, it is void in a minute all the same.
  if (mine === visit) shown(both('kiosk.givenBack'), both('kiosk.askGuide'), null, [['otherService', leave]]);
}

async function print() {
  const mine = visit;
  const { ticket, service } = mine;
  if (!await printSlip(byId('slip'), ticket, service)) {
    if (mine === visit) failed();
    return;
  }
  // Already live: a slip that was printed again.
  if (ticket.state === 'issued') {
    const answer = await post(`halls/${hall.hall}/tickets/${ticket.id}/printed`);
    if (mine !== visit) return;
    if (!answer.ok) {
      lost(answer.problem);
      return;
    }
    ticket.state = answer.data.state;
  }
  status('takeSlip');
  mine.until = SHOWN_FOR;
}

function status(key) {
  const line = byId('print-status');
  line.classList.toggle('good', key === 'takeSlip');
  fill(line, { status: both('kiosk.' + key) });
  root.dataset.print = key;
}

// ---- refusals: why, and what to do

function refused(problem, asked) {
  const choices = [];
  let sentence = both(`problem.${problem.code in codes ? problem.code : 'Unexpected'}`);
  let title = both('kiosk.refused');
  let mine = null;
  const why = whyNot(problem);
  if (why) {
    sentence = why;
    const [slot, again] = [leftAt(problem, 'appointment'), leftAt(problem, 'session')];
    if (slot) choices.push(['bookFor', () => book(slot, asked), both('kiosk.bookFor', when(slot))]);
    if (again) choices.push(['comeAgain', leave, both('kiosk.comeAgain', when(again))]);
    askHours();
  }
  if (problem.code === 'AlreadyWaiting' && problem.number) {
    title = both('kiosk.alreadyHave');
    mine = problem.number;
    if (asked.idNumber) choices.push(['printMine', () => reprint({ idNumber: asked.idNumber })]);
  }
  if (problem.code === 'ClassNotGranted') choices.push(['takeNormal', () => { back(); take(); }]);
  if (['Offline', 'HallBusy', 'NotRecorded', 'OutcomeUnknown', 'NotOwner', 'TooManyRequests', 'Unexpected'].includes(problem.code)) choices.push(['tryAgain', asked.again ?? (() => { back(); take(asked.class ?? null); })]);
  if (!['AlreadyWaiting', 'JournalUnavailable', 'Quarantined', 'HallFull'].includes(problem.code)) choices.push(['otherService', leave]);
  visit.card = '';
  shown(title, sentence, mine, choices);
}

/** The slot that is left to whom the calendar has no number for: one touch, and its code on paper. */
async function book(slot, asked) {
  if (visit.asked) return;
  const mine = visit;
  mine.asked = { service: mine.service.service, slot, ...(asked.idNumber && { idNumber: asked.idNumber }) };
  const wish = JSON.stringify(mine.asked);
  if (mine.tried?.wish !== wish) mine.tried = { wish, key: newKey() };
  const answer = await post(`halls/${hall.hall}/appointments`, mine.asked, mine.tried.key);
  if (mine !== visit) return;
  mine.asked = null;
  if (!answer.ok) {
    refused(answer.problem, { ...asked, again: () => book(slot, asked) });
    return;
  }
  mine.tried = null;
  const { code, slot: at, checkInFrom, checkInUntil } = answer.data;
  const words = both('kiosk.bookedText', when(at), clockTime(checkInFrom), clockTime(checkInUntil));
  const tell = sentence => shown(both('kiosk.booked'), sentence, inFours(code), [['finish', leave]], true);
  tell(words);
  if (!await printAppointment(byId('slip'), inFours(code), mine.service, { at: `${at.slice(0, 10)} ${clockTime(at)}`, come: words.zh }) && mine === visit) tell(both('kiosk.bookedNotPrinted'));
}

const codes = Object.fromEntries(Object.keys(page.texts).filter(key => key.startsWith('problem.')).map(key => [key.slice(8), true]));

/** @param whose {idNumber} or {number}. */
async function reprint(whose) {
  const mine = visit;
  const answer = await post(`halls/${hall.hall}/tickets/reprint`, whose);
  if (mine !== visit) return;
  if (!answer.ok) {
    refused(answer.problem, {});
    return;
  }
  await out(answer.data);
}

function failed() {
  shown(both('kiosk.printFailed'), both('kiosk.printFailedDo'), visit.ticket.number, [['printAgain', () => { visit.trail = ['home', 'ticket']; status('printing'); show(); print(); }]]);
}

function lost(problem) {
  shown(both('kiosk.refused'), problem.code === 'WrongState' || problem.code === 'DayOver' ? both('kiosk.numberLost') : both('problem.' + problem.code), null, [['otherService', leave]]);
}

/** @param good what was asked for is done: no warning. */
function shown(title, sentence, mine, choices, good = false) {
  document.querySelector('[data-view=refused]').classList.toggle('good', good);
  fill(document.querySelector('[data-view=refused]'), { title, sentence, mine });
  document.querySelector('[data-view=refused] .k-number').classList.toggle('long', (mine ?? '').length > 6);
  list(byId('choices'), byId('choice'), choices, ([key]) => key, (button, [key, act, words]) => {
    fill(button, { words: words ?? both('kiosk.' + key) });
    button.onclick = act;
  });
  if (view() !== 'refused') visit.trail.push('refused');
  show();
}

// ---- language and size

function setElder(on) {
  root.toggleAttribute('data-elder', on);
  byId('elder').setAttribute('aria-pressed', String(on));
  fill(byId('elder'), { elder: both(on ? 'kiosk.standard' : 'kiosk.elder') });
  drawGrids();
}

function setLanguage(lang) {
  document.documentElement.lang = lang === 'en' ? 'en' : 'zh-Hans';
  root.dataset.lang = lang;
  byId('language').lang = lang === 'en' ? 'zh-Hans' : 'en';
  fill(byId('language'), { language: both('kiosk.language')[lang] });
  drawGrids();
}

// ---- wiring

const on = (id, act) => byId(id).addEventListener('click', act);
const onGrid = (id, act) => on(id, event => {
  const tile = event.target.closest('[data-key]');
  if (tile) act(tile.dataset.key);
});
for (const id of ['frequent', 'services', 'results']) onGrid(id, key => pickService(serviceOf.get(key)));
for (const id of ['departments', 'all-departments']) onGrid(id, key => {
  visit.department = key;
  go('services');
  grids.services.show(hall.services.filter(service => service.department === key));
});
on('open-search', () => go('search'));
on('open-departments', () => { go('departments'); grids['all-departments'].show(hall.departments); });
on('home', leave);
on('back', back);
on('finish', leave);
on('take', () => take());
on('card-done', issue);
on('check-in', checkIn);
byId('open-code')?.addEventListener('click', () => go('appointment'));
on('elder', () => setElder(!root.hasAttribute('data-elder')));
on('language', () => setLanguage(root.dataset.lang === 'en' ? 'zh' : 'en'));
on('classes', event => {
  const button = event.target.closest('[data-class]');
  if (button) take(button.dataset.class);
});
for (const [id, type] of [['letters', typeLetter], ['pad', typeDigit], ['signs', typeSign]]) on(id, event => {
  const key = event.target.closest('[data-key-of]');
  if (key) type(key.dataset.keyOf);
});
// A card reader types what it reads, and so may somebody with a keyboard.
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || (event.key === 'Enter' && event.target.closest('button'))) return;
  if (view() === 'search') typeLetter(event.key);
  if (view() === 'identity' && event.key === 'Enter' && !byId('card-done').disabled) issue();
  else if (view() === 'identity') typeDigit(event.key);
  if (view() === 'appointment' && event.key === 'Enter' && !byId('check-in').disabled) checkIn();
  else if (view() === 'appointment' && (event.key === 'Backspace' || event.key.length === 1)) typeSign(event.key);
});
new ResizeObserver(drawGrids).observe(root);

const idle = new Idle(byId('still'), () => visit.asked === null && visit.until === null && (view() !== 'home' || grids.departments.isTurned || root.hasAttribute('data-elder') || root.dataset.lang !== page.lang), leave);
on('go-on', () => { idle.touched(); byId('main').focus(); });
// A number has been seen: the next visitor is waiting.
setInterval(() => {
  if (visit.until !== null && --visit.until <= 0) leave();
}, 1000);

const feed = new Feed({
  onStatus: status => {
    showStatus(status);
    // A short break is the banner's; this says that nobody need try.
    byId('offline').hidden = !(status.offline && status.state !== 'live');
  },
});
feed.watch('WatchHall', [hall.hall], `hall/${hall.hall}`, (state, changes) => {
  board = state;
  if (changes === null) setClock(state.asOf, hall.speed);
  for (const call of state.calls) notBefore(call.calledAt);
  byId('suspended').hidden = !state.suspended;
  // A moment of the calendar comes as a whole new picture.
  if (changes === null || 'suspended' in changes) askHours();
  paintHours();
  drawGrids();
  if (view() === 'service') paintDetail();
  document.documentElement.dataset.fed = '';
});
feed.start();
setInterval(askHours, OFFERS_FOR);

grids.frequent.show(hall.frequent.map(id => serviceOf.get(id)));
leave();
