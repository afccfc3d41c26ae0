// One visit from its number to its end, and everything that the hall recorded of it.

import { get } from '../api.js';
import { fill, page, say } from '../page.js';
import { duration } from '../reports/format.js';
import { FINISHES, GRADES, OUTCOMES, keyName, visitHref, wordOf } from '../reports/names.js';
import { data } from '../reports/wire.js';

const $ = id => document.getElementById(id);
const { hall, ticket } = page.data;

const EVENTS = {
  ticketIssued: 'reports.eventIssued', casesDeclared: 'reports.eventCases', jointBegun: 'reports.eventJoint', legBegun: 'reports.eventLeg', slipGiven: 'reports.eventSlipGiven', slipShown: 'reports.eventSlipShown',
  ticketPrinted: 'reports.eventPrinted', ticketVoided: 'reports.eventVoided', ticketCalled: 'reports.eventCalled', ticketRecalled: 'reports.eventRecalled', serviceStarted: 'reports.eventStarted', serviceFinished: 'reports.eventFinished',
  ticketMissed: 'reports.eventMissed', ticketReturned: 'reports.eventReturned', ticketChanged: 'reports.eventChanged', ticketHeld: 'reports.eventHeld', ticketAway: 'reports.eventAway', ticketBack: 'reports.eventBack',
  ticketTransferred: 'reports.eventTransferred', stageMarked: 'reports.eventStage', classChanged: 'reports.eventClass', ownerChanged: 'reports.eventOwner', ticketCancelled: 'reports.eventCancelled', ticketExpired: 'reports.eventExpired',
  serviceRated: 'reports.eventRated', appointmentCheckedIn: 'reports.eventCheckedIn', dayEnded: 'reports.eventDayEnded',
};

/** Facts that are told in words; the rest stays in the record. */
const FACTS = {
  service: value => keyName('service', value), line: value => keyName('row', value, hall), class: value => keyName('class', value), staff: value => keyName('person', value, hall), owner: value => keyName('person', value, hall),
  outcome: value => wordOf(FINISHES, value), grade: value => wordOf(GRADES, value), reason: value => wordOf(REASONS, value), how: value => wordOf(STARTS, value), startedAt: value => say('reports.startedAtTold', value.slice(11, 19)),
  overtook: value => value > 0 ? say('reports.overtook', value) : null, misses: value => say('reports.misses', value), tags: value => value.join(' '),
};

const REASONS = {
  Manager: 'reports.reasonManager', Reserved: 'reports.reasonReserved', Returned: 'reports.reasonReturned', Due: 'reports.reasonDue', Protected: 'reports.reasonProtected', Class: 'reports.reasonClass', Help: 'reports.reasonHelp',
  FirstCome: 'reports.reasonFirstCome',
};
const STARTS = { pressed: 'reports.startPressed', next: 'reports.startNext', cardRead: 'reports.startCardRead', stageMark: 'reports.startStageMark', time: 'reports.startTime' };

async function show() {
  let visit;
  try {
    visit = data(await get(`legs/${encodeURIComponent(hall)}/${encodeURIComponent(ticket)}`));
  } catch (error) {
    $('visit-lead').textContent = '';
    $('wrong').hidden = false;
    fill($('wrong'), { wrong: error.sentence ?? say('problem.Unexpected') });
    if (!error.sentence) throw error;
    return;
  }
  const { number, legs, events, eventsComplete } = visit;
  $('back').href = '/reports?' + new URLSearchParams({ halls: hall, from: legs[0].day, to: legs[0].day });
  $('number').textContent = number;
  $('visit-lead').textContent = `${legs[0].day} · ${say('reports.visitLegs', legs.length)}`;
  $('visit-legs').replaceChildren(...legs.map(legCard));
  $('events').hidden = false;
  $('events').querySelector('tbody').replaceChildren(...events.map(eventRow));
  $('events-says').textContent = !eventsComplete ? say('reports.eventsIncomplete') : events.length === 0 ? say('reports.eventsNone') : say('reports.eventsAll', events.length);
}

function legCard(leg) {
  const card = $('leg').content.firstElementChild.cloneNode(true);
  card.querySelector('h2').textContent = `${leg.leg} · ${keyName('service', leg.service)}`;
  const outcome = leg.finishOutcome ? `${wordOf(OUTCOMES, leg.outcome)} · ${wordOf(FINISHES, leg.finishOutcome)}` : wordOf(OUTCOMES, leg.outcome);
  const told = leg.toldLowSeconds === null ? null : say('reports.toldFromTo', duration(leg.toldLowSeconds), duration(leg.toldHighSeconds));
  const facts = [
    ['reports.line', keyName('row', leg.line, hall)], ['reports.class', keyName('class', leg.class)], ['reports.joinedAt', clock(leg.joinedAt ?? leg.issuedAt)], ['reports.told', told], ['reports.calledAt', clock(leg.calledAt)],
    ['reports.wait', leg.waitSeconds === null ? null : duration(leg.waitSeconds)], ['reports.walk', leg.walkSeconds === null ? null : duration(leg.walkSeconds)], ['reports.serviceTime', leg.serviceSeconds === null ? null : duration(leg.serviceSeconds)],
    ['reports.window', leg.window ? say('common.windowNumber', leg.window) : null], ['reports.staff', leg.staff ? keyName('person', leg.staff, hall) : null], ['reports.outcome', outcome], ['reports.grade', leg.grade ? wordOf(GRADES, leg.grade) : null],
  ];
  card.querySelector('dl').replaceChildren(...facts.filter(([, value]) => value).map(([name, value]) => {
    const fact = document.createElement('div');
    fact.append(element('dt', say(name)), element('dd', value));
    return fact;
  }));
  return card;
}

function clock(iso) {
  return iso ? iso.slice(11, 19) : null;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function eventRow({ sequence, at, event, facts }) {
  const line = document.createElement('tr');
  const head = element('th', clock(at));
  head.scope = 'row';
  const details = element('td', Object.entries(facts).map(([name, value]) => FACTS[name]?.(value)).filter(Boolean).join(' · '));
  if (facts.firstOvertaken) {
    const link = element('a', say('reports.firstOvertaken'));
    link.href = visitHref(hall, facts.firstOvertaken);
    details.append(' ', link);
  }
  const place = element('td', sequence);
  place.className = 'number';
  line.append(head, element('td', wordOf(EVENTS, event)), element('td', facts.window ?? facts.from ?? ''), details, place);
  return line;
}

await show();
document.documentElement.dataset.loaded = '';
