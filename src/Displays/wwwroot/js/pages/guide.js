// The guide desk: everything in three actions by keyboard. Typing finds, Enter issues, F-keys act on a number.

import { get, post } from '../api.js';
import { aboutWait } from '../estimate.js';
import { dayOf, dayWords, when } from '../dates.js';
import { Feed } from '../feed.js';
import { findServices } from '../find.js';
import { leftAt, whyNot } from '../hours.js';
import { printAppointment, printSlip } from '../kiosk/slip.js';
import { both, clockTime, fill, list, nameOf, page, say, showStatus } from '../page.js';
import { Presses } from '../presses.js';
import { wireAppointments } from './guide-appointments.js';
import { matterOf, paintSuspension, suspensionOf } from './guide-suspension.js';

const hall = page.data;
const byId = id => document.getElementById(id);
const serviceOf = new Map(hall.services.map(service => [service.service, service]));
const base = `halls/${hall.hall}/tickets`;

/** As many as fit beside the rest without scrolling. */
const SHOWN = 8;

let floor = null;
let found = [];
let at = 0;
let changing = null;
let booking = false;
let busy = false;
let refusedWish = null;

/** What the desk may offer instead of the number that was refused, {service, slot}; null for nothing. */
let insteadOf = null;

/** The number that was just given and may still be given back. */
let doubtful = null;
let reclassing = null;

/** The token of a ticket whose holder was sent home once, as scanned into the box. */
let slip = null;

/** Not there, and waiting again once brought back. */
const ABSENT = ['missed', 'held', 'away'];

/** In which states of a number what can be done with it. */
const CAN = {
  change: ['issued', 'waiting', 'missed'],
  reclass: ['issued', 'waiting', ...ABSENT],
  'bring-back': ABSENT,
  reprint: ['issued', 'waiting', 'called', 'serving', ...ABSENT],
};
const CHIPS = { waiting: 'good', issued: 'good', called: 'calling', serving: 'serving', held: 'warn', missed: 'bad', away: 'warn' };

/** Numbers listed: the newest are asked for most, any other is found by typing. */
const LIVE_SHOWN = 40;
const classButtons = [...document.querySelectorAll('[data-class]')];

// ---- finding

const box = byId('q');

/** A ticket's code, as a scanner types it: the page's address with the token behind '#'. */
const SCANNED = /#([A-Za-z0-9_-]{38})$/;

/** A scanner's own Enter follows its last letter within so many milliseconds. */
const SCANNERS_ENTER = 150;
let scannedAt = 0;

function search() {
  slip = null;
  const scanned = SCANNED.exec(box.value.trim())?.[1];
  if (scanned) {
    // A scanner's own Enter comes before the answer, and must not issue what was found before.
    found = [];
    draw();
    return void readSlip(scanned);
  }
  found = findServices(hall.services, box.value).slice(0, SHOWN);
  at = 0;
  draw();
}

/** Whoever was sent home for what was missing is found by the ticket of that day: only Enter is left to press. */
async function readSlip(token) {
  const answer = await get(`tickets/${encodeURIComponent(token)}`);
  if (SCANNED.exec(box.value.trim())?.[1] !== token) return;
  const told = answer.ok && answer.data.hall === hall.hall ? answer.data.toldOnce : null;
  found = (told ?? []).map(one => serviceOf.get(one.service)).filter(Boolean);
  at = 0;
  draw();
  quiet();
  if (found.length === 0) return wrong(answer.ok ? say('guide.slipNone') : answer.problem.sentence);
  slip = token;
  byId('told').hidden = false;
  fill(byId('told'), { words: say('guide.slipFound', nameOf(found[0].name)) });
}

function draw() {
  list(byId('results'), byId('result'), found, s => s.service, (item, service) => {
    const line = floor?.lines.find(l => l.line === service.lines[0]);
    const chosen = found[at] === service;
    fill(item, { prefix: hall.prefixes[service.line], name: nameOf(service.name), more: detailsOf(service), wait: line ? waitOf(line, service) : null });
    item.id = `found-${service.service}`;
    item.setAttribute('aria-selected', String(chosen));
  });
  const selected = found[at];
  if (selected) box.setAttribute('aria-activedescendant', `found-${selected.service}`);
  else box.removeAttribute('aria-activedescendant');
  byId('none').hidden = found.length > 0 || box.value.trim() === '';
}

function detailsOf(service) {
  const parts = [
    service.kind === 'immediate' ? say('guide.immediate') : service.promisedDays ? say('guide.days', service.promisedDays) : '',
    service.fee ? nameOf(service.fee) : '',
    service.materials.map(nameOf).join(page.lang === 'en' ? ', ' : '、'),
  ];
  return parts.filter(part => part).join(' · ');
}

function waitOf(line, service) {
  const about = aboutWait('common.aboutMinutes', line.estimate, service.pace);
  return [say('common.peopleWaiting', line.waiting), about?.[page.lang]].filter(Boolean).join(' · ');
}

function move(by) {
  if (found.length === 0) return;
  at = (at + by + found.length) % found.length;
  draw();
  byId('results').children[at]?.scrollIntoView({ block: 'nearest' });
}

// ---- doing

async function choose(service, book = booking) {
  if (!service || busy) return;
  quiet();
  if (book) beginBooking(service);
  else if (changing) await change(service);
  else await issue(service);
}

async function issue(service, override = null) {
  const chosen = document.querySelector('[name=class]:checked').value;
  const card = byId('card').value.trim();
  // A slip says whose it is.
  if (!card && !slip && (service.identity === 'required' || hall.classes.find(c => c.class === chosen)?.card)) {
    wrong(say('guide.needsId'));
    byId('card').focus();
    return;
  }
  const cases = byId('cases').value.trim();
  if (cases && !(Number(cases) >= 1 && Number(cases) <= 50)) {
    wrong(say('guide.casesWrong'));
    byId('cases').focus();
    return;
  }
  // Who comes for others is asked how many matters it is; whose they are stands on the card.
  const behalf = cases ? { source: 'agent', cases: Number(cases) } : { source: 'guide' };
  const body = { service: service.service, ...(chosen !== 'normal' && { class: chosen }), ...(card && { idNumber: card }), ...behalf, ...(override && { override }), ...(slip && { slip }) };
  const answer = await send(base, body);
  if (!answer.ok) {
    refused(answer.problem, service);
    return;
  }
  startAgain();
  select(answer.data.number);
  doubtful = answer.data.mayNotBeServed ? answer.data : null;
  const issued = say('guide.issuedNow', answer.data.number, nameOf(service.name));
  told(doubtful ? [issued, say('guide.mayNotBeServed')].join(' · ') : issued, doubtful !== null);
  await print(answer.data);
}

async function giveBack() {
  const ticket = doubtful;
  if (!ticket || busy) return;
  const answer = await send(`tickets/${encodeURIComponent(ticket.token)}/cancel`);
  quiet();
  if (answer.ok) told(say('guide.givenBack', ticket.number));
  else wrong(answer.problem.sentence);
  box.focus();
}

async function change(service) {
  const ticket = changing;
  const answer = await send(`${base}/${ticket.id}/change`, { service: service.service });
  if (!answer.ok) {
    wrong(answer.problem.sentence);
    return;
  }
  startAgain();
  told(say('guide.changedNow', ticket.ticket, nameOf(service.name)));
  const slip = await send(`${base}/reprint`, { number: ticket.ticket });
  if (slip.ok) await print(slip.data);
}

/** The class is one more key: the dialog lists those that may be granted here. */
function beginReclass() {
  const ticket = selected();
  if (!ticket || byId('reclass').disabled || busy) return;
  quiet();
  reclassing = ticket;
  byId('class-dialog-title').textContent = say('guide.reclassOf', ticket.ticket);
  byId('class-wrong').hidden = true;
  if (byId('class-card')) byId('class-card').value = '';
  for (const button of classButtons) {
    const now = button.dataset.class === ticket.class;
    button.setAttribute('aria-disabled', String(now));
    button.querySelector('[data-slot=now]').hidden = !now;
  }
  byId('class-dialog').showModal();
  classButtons.find(button => button.dataset.class !== ticket.class)?.focus();
}

async function reclass(button) {
  if (!button || button.getAttribute('aria-disabled') === 'true' || busy) return;
  const chosen = hall.classes.find(c => c.class === button.dataset.class);
  const card = byId('class-card')?.value.trim();
  if (chosen.card && !card) {
    classWrong(say('guide.needsId'));
    byId('class-card').focus();
    return;
  }
  const answer = await send(`${base}/${reclassing.id}/class`, { class: chosen.class, ...(card && { idNumber: card }) });
  if (!answer.ok) {
    classWrong(answer.problem.sentence);
    return;
  }
  byId('class-dialog').close();
  told(say('guide.reclassNow', reclassing.ticket, nameOf(chosen.name)));
  box.focus();
}

function classWrong(words) {
  byId('class-wrong').hidden = false;
  byId('class-wrong').textContent = words;
}

async function bringBack() {
  const ticket = selected();
  if (!CAN['bring-back'].includes(ticket?.state) || busy) return;
  quiet();
  const answer = await send(`${base}/${ticket.id}/return`);
  if (answer.ok) told(say('guide.backNow', ticket.ticket));
  else wrong(answer.problem.sentence);
  box.focus();
}

async function reprint() {
  const ticket = selected();
  if (!ticket || busy) return;
  quiet();
  const answer = await send(`${base}/reprint`, { number: ticket.ticket });
  if (!answer.ok) {
    wrong(answer.problem.sentence);
    return;
  }
  if (await print(answer.data)) told(say('guide.printedNow', ticket.ticket));
  box.focus();
}

async function print(ticket) {
  const printed = await printSlip(byId('slip'), ticket, serviceOf.get(ticket.service));
  if (!printed) wrong(say('guide.printFailed'));
  else if (ticket.state === 'issued') await post(`${base}/${ticket.id}/printed`);
  return printed;
}

// ---- appointments

/** The hall's date; before its first news, the box's own. */
function today() {
  return dayOf(floor?.asOf ?? new Date().toISOString());
}

const { openAppointments, openBooking } = wireAppointments({
  today,
  onSaid: words => { quiet(); told(words); },
  onBooked: printBooked,
  onKept: ticket => { select(ticket.number); print(ticket); box.focus(); },
});

function beginBooking(service) {
  if (!(service.service in hall.bookable)) return wrong(say('problem.NoAppointments'));
  startAgain();
  openBooking(service);
}

/** Another time for whom a suspension keeps waiting; the number stays. */
function rebook() {
  quiet();
  const ticket = selected();
  openBooking(serviceOf.get(matterOf(ticket)), suspensionOf(floor, ticket)?.until);
}

function bookInstead() {
  if (!insteadOf) return;
  const { service, slot } = insteadOf;
  quiet();
  openBooking(service, slot);
}

/** On paper, for who has no telephone to write it down. */
async function printBooked(booked) {
  const words = { at: `${dayWords(booked.slot).zh} ${clockTime(booked.slot)}`, come: both('guide.bookCome', clockTime(booked.checkInFrom), clockTime(booked.checkInUntil)).zh };
  if (!await printAppointment(byId('slip'), booked.code, serviceOf.get(booked.service), words)) wrong(say('guide.printFailed'));
}

function setBooking(on) {
  booking = on;
  byId('booking')?.setAttribute('aria-pressed', String(on));
}

const presses = new Presses();

/** Pressed again after an answer that never came, it asks what became of the first. */
async function send(path, body) {
  busy = true;
  const answer = await presses.send(path, path, body);
  busy = false;
  return answer;
}

/** For what a person may decide against the rules, with a reason. */
const OVERRIDABLE = ['CannotBeServedToday', 'QuotaReached', 'HallFull', 'HallClosed'];

function refused(problem, service) {
  wrong(problem.code === 'AlreadyWaiting' && problem.number ? `${problem.sentence} ${problem.number}` : whyNot(problem, today())?.[page.lang] ?? problem.sentence);
  if (problem.code === 'AlreadyWaiting' && problem.number) select(problem.number);
  refusedWish = OVERRIDABLE.includes(problem.code) ? service : null;
  byId('override').hidden = refusedWish === null;
  // Of a closed hall the sentence says already when numbers are given again.
  const [slot, again] = [leftAt(problem, 'appointment'), problem.code === 'HallClosed' ? null : leftAt(problem, 'session')];
  insteadOf = slot && service ? { service, slot } : null;
  byId('instead').hidden = !slot && !again;
  byId('instead-book').hidden = insteadOf === null;
  fill(byId('instead'), { book: slot ? say('guide.insteadBook', when(slot, today())) : null, come: again ? say('guide.insteadCome', when(again, today())) : null });
  if (refusedWish) byId('reason').focus();
}

function quiet() {
  byId('wrong').hidden = byId('told').hidden = true;
}

/** @param mayGiveBack the number was just given, with a doubt. */
function told(words, mayGiveBack = false) {
  byId('told').hidden = false;
  byId('give-back').hidden = !mayGiveBack;
  fill(byId('told'), { words });
}

function wrong(words) {
  byId('override').hidden = byId('instead').hidden = true;
  byId('wrong').hidden = false;
  fill(byId('wrong'), { words });
}

/** Ready for the next visitor: nothing of the last one stays in the fields. */
function startAgain() {
  changing = null;
  setBooking(false);
  refusedWish = null;
  box.value = byId('card').value = byId('cases').value = byId('reason').value = '';
  document.querySelector('[name=class]').checked = true;
  fill(document.querySelector('.g-find'), { heading: say('guide.find') });
  search();
  box.focus();
}

// ---- a number

const number = byId('number');
const stateWords = ticket => say(`guide.state${ticket.state[0].toUpperCase()}${ticket.state.slice(1)}`);

/** What was typed to find a number; picking one of the list leaves the list as it is. */
let sought = '';

function selected() {
  const typed = number.value.trim().toUpperCase();
  return floor?.tickets.find(ticket => ticket.ticket === typed);
}

function select(value) {
  number.value = value;
  paintTicket();
}

function paintTicket() {
  const ticket = selected();
  const typed = number.value.trim() !== '';
  fill(document.querySelector('.g-ticket'), { hint: typed && !ticket ? say('guide.unknownNumber') : say('guide.liveHint') });
  byId('facts').hidden = !ticket;
  if (ticket) fill(byId('facts'), {
    state: stateWords(ticket),
    service: nameOf(serviceOf.get(ticket.service)?.name),
    since: clockTime(ticket.since),
    window: ticket.window ?? '–',
    class: nameOf(hall.classNames[ticket.class]) || '–',
  });
  if (floor) paintSuspension(floor, ticket);
  for (const [id, states] of Object.entries(CAN)) byId(id).disabled = !states.includes(ticket?.state);
  for (const row of byId('live').children) row.querySelector('.g-pick').setAttribute('aria-pressed', String(row.dataset.key === ticket?.ticket));
}

/** Those that fit what was typed, the newest first: the floor lists them in the order of their issue. */
function liveFound() {
  return (floor?.tickets ?? []).filter(ticket => ticket.ticket.includes(sought)).reverse();
}

function paintLive() {
  const live = liveFound();
  list(byId('live'), byId('live-number'), live.slice(0, LIVE_SHOWN), ticket => ticket.ticket, (row, ticket) => {
    const about = [clockTime(ticket.since), ticket.window && say('common.windowNumber', ticket.window), ticket.class !== 'normal' && nameOf(hall.classNames[ticket.class])];
    fill(row, { ticket: ticket.ticket, service: nameOf(serviceOf.get(ticket.service)?.name) || ticket.service, more: about.filter(Boolean).join(' · '), state: stateWords(ticket) });
    row.querySelector('.chip').className = `chip ${CHIPS[ticket.state] ?? ''}`;
    for (const button of row.querySelectorAll('[data-do]')) button.hidden = !CAN[button.dataset.do].includes(ticket.state);
  });
  const none = live.length > LIVE_SHOWN ? say('guide.liveMore', live.length - LIVE_SHOWN) : live.length > 0 ? null : say(sought ? 'guide.liveNone' : 'guide.nobodyLive');
  fill(byId('live-none'), { none });
  paintTicket();
}

/** The one above or below in the list; the first from nowhere. */
function pick(by) {
  const live = liveFound().slice(0, LIVE_SHOWN);
  if (live.length === 0) return;
  const now = live.findIndex(ticket => ticket.ticket === selected()?.ticket);
  select(live[now < 0 ? 0 : (now + by + live.length) % live.length].ticket);
  byId('live').querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest' });
}

function beginChange() {
  const ticket = selected();
  if (!ticket || byId('change').disabled) return;
  startAgain();
  changing = ticket;
  fill(document.querySelector('.g-find'), { heading: say('guide.changeTo', ticket.ticket) });
}

// ---- keys and clicks

const keys = {
  F2: () => { number.focus(); number.select(); },
  F3: () => byId('card').focus(),
  F4: beginChange,
  F6: beginReclass,
  F7: () => byId('open-appointments')?.click(),
  F8: bringBack,
  F9: reprint,
  F10: () => { if (byId('instead-book').checkVisibility()) bookInstead(); else if (byId('rebook').checkVisibility()) rebook(); },
  Escape: () => { quiet(); startAgain(); },
};

document.addEventListener('keydown', event => {
  if (document.querySelector('dialog[open]')) return;
  const act = event.altKey || event.ctrlKey || event.metaKey ? null : keys[event.key];
  const digit = event.altKey && /^Digit[1-9]$/.test(event.code) ? Number(event.code.at(-1)) : 0;
  const one = digit ? document.querySelectorAll('[name=class]')[digit - 1] : null;
  const forOthers = event.altKey && event.code === 'Digit0';
  if (!act && !one && !forOthers) return;
  event.preventDefault();
  if (one) one.checked = true;
  else if (forOthers) byId('cases').focus();
  else act();
});
box.addEventListener('input', event => {
  scannedAt = event.timeStamp;
  search();
});
for (const input of [box, byId('card'), byId('cases')]) input.addEventListener('keydown', event => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) move(by);
  // The answer may have come before it; whoever presses it has read the answer first.
  else if (event.key === 'Enter' && slip && event.timeStamp - scannedAt < SCANNERS_ENTER);
  else if (event.key === 'Enter') choose(found[at], booking || (event.shiftKey && byId('booking') !== null));
  else return;
  event.preventDefault();
});
byId('results').addEventListener('click', event => {
  const item = event.target.closest('[data-key]');
  if (item) choose(serviceOf.get(item.dataset.key));
});
byId('open-appointments')?.addEventListener('click', () => { quiet(); openAppointments(); });
byId('booking')?.addEventListener('click', () => {
  const on = !booking;
  if (on) startAgain();
  setBooking(on);
  fill(document.querySelector('.g-find'), { heading: say(on ? 'guide.bookWhich' : 'guide.find') });
  box.focus();
});
number.addEventListener('input', () => {
  sought = number.value.trim().toUpperCase();
  paintLive();
});
number.addEventListener('keydown', event => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  pick(by);
});
const does = { change: beginChange, reclass: beginReclass, 'bring-back': bringBack, reprint };
byId('live').addEventListener('click', event => {
  const row = event.target.closest('[data-key]');
  if (!row) return;
  select(row.dataset.key);
  does[event.target.closest('[data-do]')?.dataset.do]?.();
});
byId('change').addEventListener('click', beginChange);
byId('reclass').addEventListener('click', beginReclass);
byId('class-dialog').addEventListener('keydown', event => {
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (!digit || event.target.matches('input')) return;
  event.preventDefault();
  reclass(classButtons[digit - 1]);
});
for (const button of classButtons) button.addEventListener('click', () => reclass(button));
byId('bring-back').addEventListener('click', bringBack);
byId('reprint').addEventListener('click', reprint);
byId('rebook').addEventListener('click', rebook);
byId('instead-book').addEventListener('click', bookInstead);
byId('give-back').addEventListener('click', giveBack);
byId('override').addEventListener('submit', event => {
  event.preventDefault();
  const reason = byId('reason').value.trim();
  if (!reason) {
    fill(byId('wrong'), { words: say('guide.overrideMissing') });
  } else if (refusedWish && !busy) {
    issue(refusedWish, reason);
  }
});

const feed = new Feed({ onStatus: showStatus });
feed.watch('WatchFloor', [hall.hall], `floor/${hall.hall}`, state => {
  floor = state;
  draw();
  paintLive();
  document.documentElement.dataset.fed = '';
});
feed.start();
search();
