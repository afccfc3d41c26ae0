// The guide desk: everything in three actions by keyboard. Typing finds, Enter issues, F-keys act on a number.

import { newKey, post } from '../api.js';
import { aboutWait } from '../estimate.js';
import { Feed } from '../feed.js';
import { findServices } from '../find.js';
import { printSlip } from '../kiosk/slip.js';
import { clockTime, fill, list, nameOf, page, say, showStatus } from '../page.js';

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
let busy = false;
let refusedWish = null;
let reclassing = null;

/** Not there, and waiting again once brought back. */
const ABSENT = ['missed', 'held', 'away'];
const classButtons = [...document.querySelectorAll('[data-class]')];

// ---- finding

const box = byId('q');

function search() {
  found = findServices(hall.services, box.value).slice(0, SHOWN);
  at = 0;
  draw();
}

function draw() {
  list(byId('results'), byId('result'), found, s => s.service, (item, service) => {
    const line = floor?.lines.find(l => l.line === service.line);
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

async function choose(service) {
  if (!service || busy) return;
  quiet();
  if (changing) await change(service);
  else await issue(service);
}

async function issue(service, override = null) {
  const chosen = document.querySelector('[name=class]:checked').value;
  const card = byId('card').value.trim();
  if (!card && (service.identity === 'required' || hall.classes.find(c => c.class === chosen)?.card)) {
    wrong(say('guide.needsId'));
    byId('card').focus();
    return;
  }
  const body = { service: service.service, ...(chosen !== 'normal' && { class: chosen }), ...(card && { idNumber: card }), source: 'guide', ...(override && { override }) };
  const answer = await send(base, body);
  if (!answer.ok) {
    refused(answer.problem, service);
    return;
  }
  startAgain();
  select(answer.data.number);
  told(say('guide.issuedNow', answer.data.number, nameOf(service.name)));
  await print(answer.data);
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
  if (!ABSENT.includes(ticket?.state) || busy) return;
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
  else if (ticket.state === 'issued') await send(`${base}/${ticket.id}/printed`);
  return printed;
}

async function send(path, body) {
  busy = true;
  const answer = await post(path, body, newKey());
  busy = false;
  return answer;
}

/** For what a person may decide against the rules, with a reason. */
const OVERRIDABLE = ['CannotBeServedToday', 'QuotaReached', 'HallFull', 'HallClosed'];

function refused(problem, service) {
  wrong(problem.code === 'AlreadyWaiting' && problem.number ? `${problem.sentence} ${problem.number}` : problem.sentence);
  if (problem.code === 'AlreadyWaiting' && problem.number) select(problem.number);
  refusedWish = OVERRIDABLE.includes(problem.code) ? service : null;
  byId('override').hidden = refusedWish === null;
  if (refusedWish) byId('reason').focus();
}

function quiet() {
  byId('wrong').hidden = byId('told').hidden = true;
}

function told(words) {
  byId('told').hidden = false;
  fill(byId('told'), { words });
}

function wrong(words) {
  byId('override').hidden = true;
  byId('wrong').hidden = false;
  fill(byId('wrong'), { words });
}

/** Ready for the next visitor: nothing of the last one stays in the fields. */
function startAgain() {
  changing = null;
  refusedWish = null;
  box.value = byId('card').value = byId('reason').value = '';
  document.querySelector('[name=class]').checked = true;
  fill(document.querySelector('.g-find'), { heading: say('guide.find') });
  search();
  box.focus();
}

// ---- a number

const number = byId('number');

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
  fill(document.querySelector('.g-ticket'), { hint: typed && !ticket ? say('guide.unknownNumber') : say('guide.numberHint') });
  byId('facts').hidden = !ticket;
  if (ticket) fill(byId('facts'), {
    state: say(`guide.state${ticket.state[0].toUpperCase()}${ticket.state.slice(1)}`),
    service: nameOf(serviceOf.get(ticket.service)?.name),
    since: clockTime(ticket.since),
    window: ticket.window ?? '–',
    class: nameOf(hall.classNames[ticket.class]) || '–',
  });
  byId('change').disabled = !['issued', 'waiting', 'missed'].includes(ticket?.state);
  byId('reclass').disabled = !['issued', 'waiting', ...ABSENT].includes(ticket?.state);
  byId('bring-back').disabled = !ABSENT.includes(ticket?.state);
  byId('reprint').disabled = !ticket;
}

function paintMissed() {
  const missed = floor?.missed ?? [];
  list(byId('missed'), byId('missed-number'), missed, m => m.ticket, (button, one) => fill(button, { ticket: one.ticket, window: say('common.windowNumber', one.window) }));
  byId('nobody-missed').hidden = missed.length > 0;
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
  F8: bringBack,
  F9: reprint,
  Escape: () => { quiet(); startAgain(); },
};

document.addEventListener('keydown', event => {
  if (document.querySelector('dialog[open]')) return;
  const act = event.altKey || event.ctrlKey || event.metaKey ? null : keys[event.key];
  const digit = event.altKey && /^Digit[1-9]$/.test(event.code) ? Number(event.code.at(-1)) : 0;
  const one = digit ? document.querySelectorAll('[name=class]')[digit - 1] : null;
  if (!act && !one) return;
  event.preventDefault();
  if (one) one.checked = true;
  else act();
});
box.addEventListener('input', search);
for (const input of [box, byId('card')]) input.addEventListener('keydown', event => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) move(by);
  else if (event.key === 'Enter') choose(found[at]);
  else return;
  event.preventDefault();
});
byId('results').addEventListener('click', event => {
  const item = event.target.closest('[data-key]');
  if (item) choose(serviceOf.get(item.dataset.key));
});
number.addEventListener('input', paintTicket);
byId('missed').addEventListener('click', event => {
  const button = event.target.closest('[data-key]');
  if (button) select(button.dataset.key);
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
  paintTicket();
  paintMissed();
  document.documentElement.dataset.fed = '';
});
feed.start();
search();
