// My ticket on the phone: follows it by its token, which stands behind '#' and is never part of a page's address. Keeps the last state it knew, whatever the line does.

import { get } from '../api.js';
import { Feed } from '../feed.js';
import { dayOf, dayWords } from '../dates.js';
import { hoursToday, numbersFrom, whyNot } from '../hours.js';
import { clockTime, fill, list, nameOf, page, say, setText, showStatus } from '../page.js';
import { persist } from '../persist.js';
import { Choices } from './ticket-choices.js';

const token = location.hash.slice(1);
const $ = id => document.getElementById(id);
const KEPT = `ticket:${token}`;
const CANCELLABLE = ['issued', 'waiting', 'away', 'missed', 'held', 'called'];
// So few ahead: as the boards, which show the next three of a line.
const NEAR = 3;
const GRADES = ['verySatisfied', 'satisfied', 'fairlySatisfied', 'dissatisfied', 'veryDissatisfied'];

let ticket = null;
let hall = null;
let wasCalledAt;
let readyLeg = null;
let rateOver = false;
const choices = token ? new Choices(token, send) : null;
const title = document.title;

// Another ticket scanned in the same tab.
addEventListener('hashchange', () => location.reload());

if (token) start();
else show('no-token');

function start() {
  const kept = remembered();
  if (kept) {
    hall = kept.hall;
    readyLeg = kept.readyLeg ?? null;
    paint(kept.ticket);
  }
  const feed = new Feed({ onStatus: showStatus });
  feed.watch('WatchTicket', [token], 'ticket/', state => {
    paint(state);
    document.documentElement.dataset.fed = '';
  }, read);
  feed.start();
}

/** A ticket of an earlier day is no topic any more, but it can still be read. */
async function read() {
  const answer = await get(`tickets/${encodeURIComponent(token)}`);
  if (answer.ok) paint(answer.data);
  else if (answer.status === 404) show('unknown');
}

function paint(now) {
  const before = ticket;
  ticket = now;
  // Once it is over for today, when it goes on is asked for anew.
  if (!hall || hall.hall !== now.hall || (now.instead && before && !before.instead)) readHall(now.hall);
  show('ticket');
  const leg = now.legs.find(l => l.leg === now.leg);
  const service = hall?.services.find(s => s.service === leg?.service);
  fill($('ticket'), { hall: hall ? nameOf(hall.name) : '', ticket: now.number, service: service ? nameOf(service.name) : '', booked: now.slot ? say('ticket.bookedFor', clockTime(now.slot)) : null });
  document.body.dataset.ticket = now.state;
  paintReady(now, leg, before === null);
  fill($('state'), wordsOf(now));
  document.title = now.state === 'called' ? say('ticket.comeTitle', now.window) : title;

  $('back').hidden = !['missed', 'held', 'away'].includes(now.state);
  $('step-away').hidden = now.state !== 'waiting' || Boolean(now.instead);
  $('cancel').hidden = !CANCELLABLE.includes(now.state);
  const served = leg?.outcome === 'served';
  $('rate').hidden = !served || Boolean(leg.grade) || rateOver;
  $('thanks').hidden = !leg?.grade;
  if (leg?.grade) fill($('thanks'), { grade: say('ticket.thanksGrade', say('common.' + leg.grade)) });
  // Elsewhere what it says stands above already, and nobody asks why it is not their turn.
  $('why').hidden = !now.explanation || !['issued', 'waiting', 'missed'].includes(now.state);
  if (now.explanation) fill($('why'), { why: now.explanation[page.lang] });
  paintMaterials(service?.materials ?? []);
  paintLegs(now);
  paintSlip(now);
  paintHours();
  choices.paint(now, now.matter ?? leg?.service, today());
  if (warned() && before === null && CANCELLABLE.includes(now.state)) tell(say('ticket.mayNotBeServed'));
  // A visit that goes on elsewhere shows its steps; who shuts them has read them.
  if (now.legs.length > (before?.legs.length ?? 1)) $('visit').open = true;
  // An answer to what was done before says nothing about the new state.
  if (before && before.state !== now.state) tell(null);
  if (now.state === 'called' && now.calledAt !== wasCalledAt) vibrate([500, 200, 500, 200, 800]);
  wasCalledAt = now.state === 'called' ? now.calledAt : undefined;
  remember();
}

/** Seen for as long as it is so; read out and felt once a leg, not again with every place that the line moves. */
function paintReady(now, leg, loaded) {
  const near = isNear(now);
  document.body.toggleAttribute('data-ready', near);
  const isNew = near && readyLeg !== leg.leg;
  if (isNew) vibrate([300]);
  // Loaded again, the page is read anew as well.
  if (isNew || (near && loaded)) setText($('ready'), say('ticket.getReady'));
  else if (!near) setText($('ready'), '');
  if (isNew) readyLeg = leg.leg;
}

/** Where the browser has it, and lets a page do it: one that was touched. */
function vibrate(pattern) {
  if (navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(pattern);
}

function isNear({ state, ahead, suspended, instead }) {
  return state === 'waiting' && ahead < NEAR && !suspended && !instead;
}

function wordsOf({ state, ahead, estimate, window, calledAt, awayUntil, reservedFor, suspended, instead }) {
  if (instead) return { ready: null, come: null, range: null, main: say('ticket.overToday'), note: say('ticket.overTodayText') };
  const near = isNear({ state, ahead, suspended, instead });
  const none = { ready: near ? say('ticket.getReady') : null, come: null, range: null, note: null };
  switch (state) {
    case 'waiting':
      // Its place in the line is not what it is called by.
      if (reservedFor) return { ...none, main: ahead === 0 ? say('ticket.first') : say('ticket.sentTo', reservedFor), range: ahead === 0 ? say('ticket.sentTo', reservedFor) : null, note: say('ticket.sentToText') };
      return {
        ...none,
        main: ahead === 0 ? say('ticket.first') : ahead === 1 ? say('ticket.aheadOne') : say('ticket.ahead', ahead),
        range: suspended ? say('ticket.suspended') : rangeOf(estimate),
        note: suspended ? null : near ? say('ticket.firstText') : estimate ? say('ticket.estimateNote') : null,
      };
    case 'called':
      return { ...none, come: say('ticket.come'), main: say('ticket.comeWindow', window), note: say('ticket.comeSince', clockTime(calledAt)) };
    case 'away':
      return { ...none, main: say('ticket.away'), range: say('ticket.awayBy', clockTime(awayUntil)), note: say('ticket.awayText') };
    default:
      return { ...none, main: say(`ticket.${state}`, window ?? ''), note: say(`ticket.${state}Text`, window ?? '') };
  }
}

/** Whole minutes, outwards: never shorter than estimated. */
function rangeOf(estimate) {
  if (!estimate) return say('ticket.noEstimate');
  const low = Math.floor(estimate.lowSeconds / 60), high = Math.max(1, Math.ceil(estimate.highSeconds / 60));
  if (low < 1) return say('ticket.within', high);
  return high <= 90 ? say('ticket.range', low, high) : say('ticket.rangeHours', low, (Math.ceil(high / 30) / 2).toString());
}

function paintMaterials(materials) {
  // Of no use once it is over.
  $('bring').hidden = materials.length === 0 || !['issued', 'waiting', 'called', 'missed', 'away', 'held'].includes(ticket.state);
  list($('materials'), $('material'), materials, material => material.zh, (item, material) => fill(item, { material: nameOf(material) }));
}

/** Sent home for what is missing: this page is the slip, for as long as it counts. */
function paintSlip({ toldOnce }) {
  $('slip').hidden = !toldOnce;
  list($('slips'), $('slip-of'), toldOnce ?? [], slip => slip.service, (item, slip) => {
    fill(item, { missing: slip.missing, slip: say('ticket.slipText', dayWords(dayOf(slip.until))[page.lang], nameOf(hall?.services.find(s => s.service === slip.service)?.name) || slip.service) });
    // Elsewhere numbers are given in the hall only.
    item.querySelector('.slip-take').hidden = !hall?.remoteIssue;
  });
}

/** The hall's date, as it was when it was asked for; null before. */
function today() {
  return hall?.timeline?.date ?? null;
}

/** When the hall is open today, and when numbers are given again. */
function paintHours() {
  $('hours').hidden = !hall?.timeline;
  if (hall?.timeline) fill($('hours'), { hours: hoursToday(hall.timeline)[page.lang], numbers: numbersFrom(hall.timeline.issuesAt, today())?.[page.lang] ?? null });
}

function paintLegs({ legs, leg: current, reservedFor }) {
  list($('legs'), $('leg'), legs, leg => leg.leg, (item, leg) => {
    const state = `ticket.state${leg.state[0].toUpperCase()}${leg.state.slice(1)}`;
    fill(item, {
      service: nameOf(hall?.services.find(s => s.service === leg.service)?.name) || leg.service,
      at: leg.window ?? (leg.leg === current && reservedFor) ? say('ticket.stepAt', leg.window ?? reservedFor) : null,
      outcome: leg.outcome ? say(`ticket.outcome${leg.outcome[0].toUpperCase()}${leg.outcome.slice(1)}`) : say(state in page.texts ? state : 'ticket.stateOther'),
    });
  });
}

/** The names of the hall and its services; asked for once, and again with the next news if the line was gone. */
async function readHall(id) {
  const answer = await get(`halls/${encodeURIComponent(id)}`);
  if (!answer.ok || ticket?.hall !== id) return;
  hall = { hall: id, name: answer.data.name, remoteIssue: answer.data.remoteIssue, timeline: answer.data.timeline, services: answer.data.services.map(({ service, name, materials }) => ({ service, name, materials })) };
  paint(ticket);
}

$('cancel').addEventListener('click', () => $('cancel-dialog').showModal());
$('cancel-dialog').addEventListener('close', event => {
  if (event.target.returnValue === 'cancel') act('cancel', $('cancel'));
  event.target.returnValue = '';
});
$('back').addEventListener('click', () => act('back', $('back')).then(done => done && tell(say('ticket.backDone'))));

// The new number has a page of its own, and this one leads there.
$('slips').addEventListener('click', async event => {
  const button = event.target.closest('button');
  if (!button) return;
  const answer = await send(`halls/${encodeURIComponent(ticket.hall)}/tickets`, button, { service: button.closest('[data-key]').dataset.key, slip: token });
  if (!answer.ok) return;
  if (answer.data.mayNotBeServed) warn(answer.data.token);
  location.hash = answer.data.token;
});

$('step-away').addEventListener('click', event => {
  const button = event.target.closest('[data-minutes]');
  if (button) act('step-away', button, { minutes: Number(button.dataset.minutes) }).then(done => { if (done) $('step-away').open = false; });
});

$('rate').addEventListener('change', () => {
  const grade = new FormData($('rate')).get('grade');
  $('tags').hidden = !grade;
  const bad = GRADES.indexOf(grade) >= 3;
  for (const tag of $('tags').querySelectorAll('.tag')) {
    tag.hidden = (tag.dataset.good === 'yes') === bad;
    if (tag.hidden) tag.querySelector('input').checked = false;
  }
  tell(null);
});
$('rate').addEventListener('submit', event => {
  event.preventDefault();
  const form = new FormData($('rate'));
  const grade = form.get('grade');
  if (!grade) return tell(null, say('ticket.chooseGrade'));
  act('rating', $('send'), { grade, tags: form.getAll('tag'), comment: form.get('comment').trim() || null });
});

/** Sends what is not about the ticket's own state; the answer, its problem said. */
async function send(path, button, body, done = null) {
  button.disabled = true;
  tell(say('ticket.sending'));
  const answer = await persist(path, body, { onRetry: () => tell(say('ticket.resending')) });
  button.disabled = false;
  if (answer.ok) tell(done);
  else tell(null, answer.problem.code === 'Offline' ? say('ticket.unsent') : whyNot(answer.problem, today())?.[page.lang] ?? answer.problem.sentence);
  return answer;
}

/** Does something to the ticket, as often as the line needs; true when it is done. What it changes comes by the feed, or is read where that is cut. */
async function act(what, button, body) {
  button.disabled = true;
  tell(say('ticket.sending'));
  const answer = await persist(`tickets/${encodeURIComponent(token)}/${what}`, body, { onRetry: () => tell(say('ticket.resending')) });
  button.disabled = false;
  if (answer.ok) tell(null);
  else if (answer.problem.code === 'Offline') tell(null, say('ticket.unsent'));
  else {
    rateOver ||= what === 'rating' && answer.problem.code === 'DayOver';
    tell(null, rateOver ? say('ticket.rateOver') : answer.problem.sentence);
  }
  await read();
  return answer.ok;
}

/** One sentence of what goes on, or of what went wrong; neither: nothing. */
function tell(says, wrong = null) {
  $('says').hidden = !says;
  if (says) fill($('says'), { says });
  $('wrong').hidden = !wrong;
  if (!wrong) return;
  fill($('wrong'), { wrong });
  // The button that was pressed may be a screen below.
  $('wrong').scrollIntoView({ block: 'nearest' });
}

function show(id) {
  for (const part of ['finding', 'no-token', 'unknown', 'ticket']) $(part).hidden = part !== id;
}

// For the length of the tab: a page that is loaded again on a poor line shows what it knew at once.
function remember() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ ticket, hall, readyLeg }));
  } catch {
    // No storage: then it waits for the line.
  }
}

// A number that was told when it was taken that its turn may come too late: said again on its own page.
const WARNED = 'warned:';

function warn(other) {
  try {
    sessionStorage.setItem(WARNED + other, 'yes');
  } catch {
    // No storage: the number is good all the same.
  }
}

function warned() {
  try {
    return sessionStorage.getItem(WARNED + token) !== null;
  } catch {
    return false;
  }
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
