// What the counter shows, worked out from the floor's picture and the answers to keys.

import { hallNow, inWords, running, secondsBetween } from '../clock.js';
import { when } from '../dates.js';
import { WINDOW_STATES, clockTime, fill, list, nameOf, page, say, setState, setText } from '../page.js';

const $ = id => document.getElementById(id);
const services = new Map(page.data.services.map(s => [s.service, s]));
const classes = new Map(page.data.classes.map(c => [c.class, c]));
const people = new Map(page.data.people.map(p => [p.staff, p]));

/** Everything that the window's keys and parts depend on. `mode` is the window's state, or `taken` when somebody else sits there. */
export function picture({ state, answered, timetable }) {
  const window = state.windows.find(w => w.window === page.data.window) ?? { state: 'closed', ticket: null, lines: [] };
  const seat = state.seats.find(s => s.window === page.data.window) ?? { account: null, staff: null, profile: [] };
  const mine = seat.account === page.data.account || (page.data.staff !== null && seat.staff === page.data.staff);
  const mode = window.state !== 'closed' && !mine && !page.data.manages ? 'taken' : window.state;
  // The window's entry comes at once, the floor's tickets within a second; what the key was answered with fills the gap.
  const known = state.tickets.find(t => t.ticket === window.ticket);
  const fresh = answered?.number === window.ticket && !(known && ['called', 'serving'].includes(known.state)) ? { ...answered, ticket: answered.number } : null;
  const ticket = window.ticket ? { ...known, ...fresh } : null;
  const lines = seat.profile.flatMap(p => {
    const line = state.lines.find(l => l.line === p.line);
    return line ? [{ ...line, ...p, next: state.next.find(n => n.line === p.line)?.tickets ?? [] }] : [];
  });
  return {
    window, seat, mine, mode, ticket, lines,
    number: window.ticket,
    service: services.get(ticket?.service),
    occupant: nameOf(window.staff?.name) || seat.account || '',
    missed: state.missed.filter(m => lines.some(l => l.line === m.line)),
    held: state.tickets.filter(t => t.state === 'held' && t.window === window.window).sort((a, b) => Date.parse(a.heldAt) - Date.parse(b.heldAt)),
    // Whoever is at the window already may still wait there in the floor's tickets, for a second.
    reserved: state.tickets.filter(t => t.state === 'waiting' && t.window === window.window && t.ticket !== window.ticket).sort((a, b) => Date.parse(a.since) - Date.parse(b.since)),
    // Nobody but somebody with a name can accept a matter.
    owner: ticket?.owner && ticket.owner !== seat.staff ? nameOf(people.get(ticket.owner)?.name) || ticket.owner : null,
    waiting: lines.reduce((sum, l) => sum + l.waiting, 0),
    suspended: state.suspended,
    session: timetable?.session ?? null,
  };
}

export function paint(desk) {
  const { now } = desk;
  const there = now.mode === 'calling' || now.mode === 'serving';
  $('desk').dataset.mode = now.mode;
  const head = document.querySelector('.visitor');
  setState(head.querySelector('[data-chip]'), now.window.state, WINDOW_STATES);
  fill(head, {
    state: say('common.' + now.window.state),
    clerk: now.window.state === 'closed' ? null : now.occupant,
    session: now.session && now.session.session !== 'regular' ? say('counter.session' + now.session.session[0].toUpperCase() + now.session.session.slice(1)) : null,
    also: now.window.alsoFor ? say('counter.alsoFor', now.window.alsoFor.join(' ')) : null,
    ticket: now.number,
    service: there ? nameOf(now.service?.name) || null : null,
    class: there && now.ticket?.class !== 'normal' ? nameOf(classes.get(now.ticket?.class)?.name) || null : null,
    told: there && now.ticket?.told > 0 ? say('counter.told', now.ticket.told) : null,
    behalf: there && now.ticket?.source === 'agent' ? say('counter.onBehalf') : null,
    cases: there && now.ticket?.cases > 1 ? say('counter.casesBrought', now.ticket.cases) : null,
    waited: there && now.ticket?.calledAt ? say('counter.waited', inWords(secondsBetween(now.ticket.since, now.ticket.calledAt))) : null,
    times: there && now.ticket?.times > 1 ? say('counter.calledTimes', now.ticket.times) : null,
    reason: reasonWords(there ? now.ticket?.reason : null),
    lead: lead(now),
  });
  $('owner').hidden = !there || !now.owner;
  fill($('owner'), { owner: say('counter.owner', now.owner) });
  document.querySelector('[data-action=accept]').hidden = !now.seat.staff;
  paintKeys(desk, there);
  paintStages(desk, there);
  $('work').hidden = !there;
  for (const button of document.querySelectorAll('.outcome')) {
    const byDefault = !page.data.outcomeRequired && button.dataset.outcome === defaultOutcome(now);
    button.setAttribute('aria-pressed', String(desk.outcome === button.dataset.outcome));
    button.classList.toggle('by-default', byDefault && !desk.outcome);
    button.querySelector('.default').hidden = !byDefault;
  }
  paintSide(now);
  tick(desk);
}

function paintKeys(desk, there) {
  const { now } = desk;
  const sits = there || now.mode === 'idle';
  $('sit-keys').hidden = sits;
  $('visitor-keys').hidden = $('own-keys').hidden = !sits;
  const next = document.querySelector('[data-action=next]');
  next.hidden = !sits;
  fill(next, { next: say(there ? 'counter.next' : 'counter.callNext'), 'next-how': nextHow(desk, there) });
  const able = {
    next: there ? now.mode === 'serving' || desk.outcome : true,
    recall: there, start: now.mode === 'calling', finish: now.mode === 'serving' || (there && desk.outcome), 'no-show': false, back: sits, pause: now.mode === 'idle', close: now.mode === 'idle',
    hold: now.mode === 'serving', transfer: there,
  };
  for (const [action, on] of Object.entries(able)) document.querySelector(`[data-action=${action}]`).setAttribute('aria-disabled', String(!on));
  // It comes back by itself; who presses the key all the same is told when.
  const offDuty = now.window.reason === 'schedule' && !now.seat.expected;
  for (const [action, on] of Object.entries({
    open: now.mode === 'closed', resume: now.mode === 'paused' && !offDuty, 'close-paused': now.mode === 'paused',
    'take-over': now.mode === 'taken' && (page.data.manages || page.data.standIns.includes(page.data.staff)),
  })) document.querySelector(`[data-action=${action}]`).hidden = !on;
}

function paintStages({ now, stamped }, there) {
  $('more-keys').hidden = !there;
  const done = stamped.get(now.number);
  for (const button of document.querySelectorAll('.stage')) button.setAttribute('aria-pressed', String(done?.has(button.dataset.stage) ?? false));
}

function nextHow({ now, outcome }, there) {
  const chosen = outcome ?? (page.data.outcomeRequired ? null : defaultOutcome(now));
  const first = now.lines.find(l => l.next.length);
  const comes = now.waiting ? say('counter.nextGives', now.reserved[0]?.ticket ?? first?.next[0] ?? '', now.waiting) : say('counter.nobodyWaits');
  if (!there) return comes;
  if (now.mode === 'calling' && !outcome) return say('counter.nextNeedsStart');
  if (!chosen) return say('counter.nextNeedsOutcome');
  return `${say('counter.nextAs', outcomeWords(chosen))} · ${now.waiting ? comes : say('counter.nextNobody')}`;
}

function lead(now) {
  switch (now.mode) {
    // Before its hours one may sign in all the same.
    case 'closed': return !now.seat.expected && now.window.reopensAt ? say('counter.openEarly', when(now.window.reopensAt)) : say('counter.openLead');
    case 'taken': return say('counter.takenTitle', now.occupant) + (page.lang === 'en' ? ' ' : '') + say('counter.takenLead');
    case 'paused':
      if (now.window.reason === 'schedule') return now.window.reopensAt ? say('counter.scheduledUntil', when(now.window.reopensAt)) : say('counter.scheduled');
      return [say('counter.pausedFor', say('counter.' + now.window.reason)), now.window.reopensAt && say('counter.pausedUntil', when(now.window.reopensAt))].filter(Boolean).join(' · ');
    case 'idle': return now.suspended ? say('common.suspended') : now.session?.untilServed ? say('counter.extendedLead') : now.waiting ? say('counter.waitingTotal', now.waiting) : say('counter.nobodyWaits');
    default: return null;
  }
}

function paintSide(now) {
  setText($('waiting-total'), say('counter.waitingTotal', now.waiting));
  list($('lines'), $('line-template'), now.lines, l => l.line, (row, l) => {
    fill(row, {
      prefix: l.prefix, name: nameOf(l.name), count: say('common.peopleWaiting', l.waiting), next: l.next.join('  ') || null,
      how: l.suspended ? say('counter.suspendedLine') : l.onlyAfterWaitMinutes ? say('counter.onlyAfter', l.onlyAfterWaitMinutes) : l.afterMinutes ? say('counter.helps', l.afterMinutes) : null,
    });
    row.classList.toggle('helps', l.afterMinutes > 0 || l.onlyAfterWaitMinutes > 0);
  });
  $('for-window').hidden = now.reserved.length === 0;
  list($('reserved'), $('reserved-template'), now.reserved, t => t.ticket, (row, t) => fill(row, { ticket: t.ticket }));
  list($('missed'), $('missed-template'), now.missed.slice(0, 8), m => m.ticket, (row, m) => fill(row, { ticket: m.ticket, ago: clockTime(m.missedAt) }));
  $('missed-none').hidden = now.missed.length + now.held.length > 0;
}

/** How long one that the window holds has been away. */
export function awayFor(held) {
  const seconds = secondsBetween(held.heldAt);
  return seconds < 60 ? say('counter.heldJust') : say('counter.heldFor', inWords(seconds));
}

/** What runs: the time with the visitor, how long the held ones are away, and when a no-show is allowed. */
export function tick({ now }) {
  if (!now) return;
  $('held').hidden = now.held.length === 0;
  list($('held'), $('missed-template'), now.held, t => t.ticket, (row, t) => fill(row, { ticket: t.ticket, ago: awayFor(t) }));
  const t = now.ticket;
  fill(document.querySelector('.visitor'), {
    timer: now.mode === 'serving' && t?.startedAt ? say('counter.servingFor', running(secondsBetween(t.startedAt)))
      : now.mode === 'calling' && t?.calledAt ? say('counter.callingFor', running(secondsBetween(t.calledAt))) : null,
  });
  const button = document.querySelector('[data-action=no-show]');
  const left = t?.noShow ? Math.ceil((Date.parse(t.noShow.allowedAt) - hallNow()) / 1000) : null;
  button.setAttribute('aria-disabled', String(!(t?.noShow && t.noShow.callsLacking === 0)));
  fill(button, { 'no-show': left === null || t.noShow.callsLacking === 0 ? say('counter.noShow') : left > 0 ? say('counter.noShowIn', left) : say('counter.noShowCalls', t.noShow.callsLacking) });
}

/** A problem in a sentence, with its facts where it has some that help. */
export function sentence(answer) {
  const { problem } = answer;
  if (answer.unsure) return say('counter.noAnswer');
  switch (problem.code) {
    case 'TooEarly': return say('counter.tooEarlyUntil', problem.allowedAt.slice(11, 19), problem.callsLacking);
    case 'WrongState': return problem.number ? say('counter.stateNow', problem.number, say('counter.state' + problem.state[0].toUpperCase() + problem.state.slice(1))) : problem.sentence;
    case 'WindowInUse': return problem.account ? say('counter.usedBy', problem.account) : problem.sentence;
    case 'WindowNotOpen': return problem.window && problem.window !== page.data.window ? say('counter.transferClosed', problem.window) : problem.sentence;
    case 'NotScheduled': return problem.opensAt ? say('counter.notScheduledUntil', when(problem.opensAt)) : problem.sentence;
    case 'AlreadyAtWindow': return say('counter.atOtherWindow', problem.window);
    default: return problem.sentence;
  }
}

function reasonWords(reason) {
  return ['Manager', 'Reserved', 'Returned', 'Class', 'Help'].includes(reason) ? say('counter.reason' + reason) : null;
}

/** What the hall takes where the clerk says nothing: done for an immediate service, accepted for the others. */
function defaultOutcome(now) {
  return now.service ? (now.service.kind === 'immediate' ? 'done' : 'accepted') : null;
}

function outcomeWords(outcome) {
  return say('counter.outcome' + outcome[0].toUpperCase() + outcome.slice(1));
}
