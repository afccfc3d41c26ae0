// What the manager's floor shows, worked out from the feed's picture.

import { inWords, localDay, secondsBetween } from '../clock.js';
import { when } from '../dates.js';
import { WINDOW_STATES, both, clockTime, fill, list, nameOf, page, say, setState } from '../page.js';

const $ = id => document.getElementById(id);
const services = new Map(page.data.services.map(s => [s.service, s]));
const people = new Map(page.data.staff.map(s => [s.staff, s]));

/** Everything the page depends on: windows with their seat and ticket, lines with who waits first and what of them is suspended. */
export function picture(state) {
  const tickets = new Map(state.tickets.map(t => [t.ticket, t]));
  const seats = new Map(state.seats.map(s => [s.window, s]));
  const firsts = new Map();
  for (const t of state.tickets) {
    if (t.state !== 'waiting') continue;
    // A joint visit waits in other lines as well.
    for (const line of [t.line, ...(t.also ?? [])]) {
      const first = firsts.get(line);
      if (!first || Date.parse(t.since) < Date.parse(first)) firsts.set(line, t.since);
    }
  }
  const lines = state.lines.map(l => ({ ...l, first: l.waiting ? firsts.get(l.line) ?? null : null, services: state.suspendedServices.filter(s => services.get(s.service)?.line === l.line) }));
  const byLine = new Map(lines.map(l => [l.line, l]));
  const windows = state.windows.map(w => {
    const seat = seats.get(w.window) ?? { account: null, staff: null, profile: [] };
    return { ...w, seat, at: tickets.get(w.ticket) ?? null, served: seat.profile.map(p => ({ ...p, ...byLine.get(p.line), line: p.line })) };
  });
  return { state, lines, windows, byLine, byWindow: new Map(windows.map(w => [w.window, w])) };
}

export const clerkOf = w => w.state === 'closed' ? '' : nameOf(w.staff?.name) || w.seat.account || '';
export const serviceName = id => nameOf(services.get(id)?.name) || id;
export const servicesOf = line => page.data.services.filter(s => s.line === line);

export function paint(now) {
  paintTop(now);
  paintScreens(now.state.devices ?? []);
  paintAbsent(now.state.tickets);
  paintNotices(now.state.notices.filter(n => n.notice));
  list($('lines'), $('line-template'), now.lines, l => l.line, paintLine);
  list($('windows'), $('window-template'), now.windows, w => w.window, paintWindow);
  tick(now);
}

function paintTop({ state, lines, windows }) {
  const paused = windows.filter(w => w.state === 'paused').length;
  fill(document.querySelector('.floor-facts'), {
    waiting: say('floor.people', lines.reduce((sum, l) => sum + l.waiting, 0)),
    open: say('floor.ofWindows', windows.filter(w => w.state !== 'closed').length - paused, windows.length),
    paused: paused ? say('floor.windowsPaused', paused) : null,
    missed: say('floor.people', state.missed.length),
  });
  const stopped = $('hall-suspended');
  stopped.hidden = !state.suspended;
  $('suspend-hall').hidden = Boolean(state.suspended);
  if (state.suspended) fill(stopped, { reason: state.suspended.reason ?? null, until: untilWords(state.suspended) });
}

/** Screens that should be heard and are not; null is one that is not meant to be heard. */
function paintScreens(devices) {
  const silent = devices.filter(d => d.sound === 'blocked' || d.sound === 'none');
  $('screens').hidden = silent.length === 0;
  list($('screens'), $('screen-template'), silent, d => d.device, (row, d) => {
    const zone = page.data.zones.find(z => z.zone === d.zone);
    fill(row, { words: say(d.sound === 'none' ? 'floor.screenMute' : 'floor.screenBlocked', zone ? say('floor.screenZone', nameOf(zone.name)) : say('floor.screenHall')) });
  });
}

/** Who was sent away by a window, longest ago first, and who stepped away, in the order they are due back. */
function paintAbsent(tickets) {
  const rows = {
    held: tickets.filter(t => t.state === 'held').sort((a, b) => Date.parse(a.heldAt) - Date.parse(b.heldAt)).map(t => ({ ticket: t.ticket, how: say('floor.heldSince', t.window, clockTime(t.heldAt)) })),
    away: tickets.filter(t => t.state === 'away').sort((a, b) => Date.parse(a.awayUntil) - Date.parse(b.awayUntil)).map(t => ({ ticket: t.ticket, how: say('floor.awayUntil', clockTime(t.awayUntil)) })),
  };
  $('absent').hidden = rows.held.length + rows.away.length === 0;
  for (const [name, row] of Object.entries(rows)) {
    $(`${name}-row`).hidden = row.length === 0;
    list($(name), $('absent-template'), row, one => one.ticket, fill);
  }
}

/** Those that were posted: the ones of the hall's document are not taken down here. */
function paintNotices(posted) {
  $('notices-panel').hidden = posted.length === 0;
  list($('notices'), $('notice-template'), posted, n => n.notice, (row, n) => {
    const zone = n.zone && page.data.zones.find(z => z.zone === n.zone);
    fill(row, { zh: n.text.zh, en: n.text.en ?? null, facts: [zone ? nameOf(zone.name) : say('floor.wholeHall'), say('floor.noticeShown', untilTime(n.until))].join(' · ') });
    row.querySelector('[data-withdraw]').setAttribute('aria-label', say('floor.withdrawOf', n.text.zh));
  });
}

/** A moment on the hall's clock, with its date where that is not today's. */
export function untilTime(iso) {
  return iso.slice(0, 10) === localDay() ? clockTime(iso) : `${iso.slice(0, 10)} ${clockTime(iso)}`;
}

function paintLine(row, l) {
  const name = nameOf(l.name);
  row.dataset.dragName = name;
  fill(row, { prefix: l.prefix, name, count: say('common.peopleWaiting', l.waiting), windows: l.openWindows ? say('floor.windowsFor', l.openWindows) : say('floor.noWindow') });
  row.classList.toggle('empty', l.waiting === 0);
  row.classList.toggle('unserved', l.waiting > 0 && l.openWindows === 0);
  const [stop, resume, stopped] = ['[data-suspend]', '[data-resume]', '.stopped'].map(s => row.querySelector(s));
  stop.hidden = Boolean(l.suspended);
  resume.hidden = stopped.hidden = !l.suspended;
  stop.setAttribute('aria-label', say('floor.suspendOf', name));
  resume.setAttribute('aria-label', say('floor.resumeOf', name));
  if (l.suspended) fill(row, { why: [l.suspended.reason, untilWords(l.suspended)].filter(Boolean).join(' · ') });
  const parts = row.querySelector('.suspended-services');
  parts.hidden = l.services.length === 0;
  list(parts, $('service-template'), l.services, s => s.service, (item, s) => {
    fill(item, { service: [serviceName(s.service), s.suspension.reason, s.suspension.until && untilWords(s.suspension)].filter(Boolean).join(' · ') });
    item.querySelector('button').setAttribute('aria-label', say('floor.resumeOf', serviceName(s.service)));
  });
}

function paintWindow(tile, w) {
  setState(tile, w.state, WINDOW_STATES);
  setState(tile.querySelector('[data-chip]'), w.state, WINDOW_STATES);
  fill(tile, { window: w.window, pick: say('floor.manage', w.window), state: say('common.' + w.state), name: nameOf(w.name) || null, staff: clerkOf(w) || null, ticket: w.ticket });
  const expected = expectedWords(w);
  fill(tile, { expected: expected.words || null });
  tile.querySelector('.tile-expected').classList.toggle('lacking', expected.lacking);
  // Off duty it offers nothing, whoever sits there.
  const offDuty = w.reason === 'schedule';
  list(tile.querySelector('.tile-lines'), $('chip-template'), w.served, p => p.line, (chip, p) => {
    chip.dataset.dragName = nameOf(p.name);
    fill(chip, { prefix: p.prefix, line: nameOf(p.name), how: howWords(p), cannot: offDuty ? null : p.offered === 'none' ? say('floor.cannotDo') : p.offered === 'some' ? say('floor.cannotDoAll') : null });
    chip.classList.toggle('cut', !offDuty && p.offered !== 'all');
  });
}

/** Whom the calendar expects at a window and whether they are there, whose services it takes along, and where its visitors go. */
function expectedWords({ seat, goTo, alsoFor }) {
  const { expected } = seat;
  const name = staff => nameOf(people.get(staff)?.name) || staff;
  const words = [];
  const there = Boolean(expected?.staff) && seat.staff === expected.staff;
  const lacking = Boolean(expected?.staff) && !seat.account;
  if (expected?.staff) {
    const role = say(expected.role === 'b' ? 'floor.roleB' : 'floor.roleA');
    words.push(there ? say('floor.expectedThere', name(expected.staff), role) : lacking ? say('floor.expectedNot', name(expected.staff), role, clockTime(expected.since)) : say('floor.expectedOther', name(expected.staff), role));
    if (!there && expected.standIn) words.push(say('floor.standIn', name(expected.standIn)));
  }
  if (alsoFor) words.push(say('floor.alsoFor', alsoFor.join(' ')));
  if (goTo) words.push(say('floor.goTo', goTo));
  return { words: words.join(' · '), lacking };
}

export function howWords(p) {
  return p.onlyAfterWaitMinutes ? say('floor.onlyAfter', p.onlyAfterWaitMinutes) : p.afterMinutes ? say('floor.after', p.afterMinutes) : null;
}

function untilWords(suspension) {
  return suspension.until ? say('floor.until', clockTime(suspension.until)) : say('floor.untilOpen');
}

/** The session that runs and the next change of the timetable; nothing in a hall that is always open. */
export function paintTimetable(timetable, opensAt) {
  $('session').hidden = !timetable.isKnown;
  if (!timetable.isKnown) return;
  const { session, next } = timetable;
  const named = kind => both('counter.session' + kind[0].toUpperCase() + kind.slice(1));
  const change = !next ? (opensAt ? say('floor.nextOpens', when(opensAt)) : null)
    : next.what === 'session' ? say('floor.nextSession', when(next.at), named(next.session))
      : say({ closed: 'floor.nextClosed', issuing: 'floor.nextIssuing', noIssuing: 'floor.nextNoIssuing' }[next.what], when(next.at));
  fill($('session'), { session: session ? named(session.session)[page.lang] : say('floor.noSession'), change });
}

/** What the hall's clock alone changes. Minutes, not seconds: forty windows that count would be a restless picture. */
export function tick({ lines, windows }) {
  let longest = null;
  for (const l of lines) {
    const waits = secondsBetween(l.first);
    if (waits !== null) longest = Math.max(longest ?? 0, waits);
    const row = $('lines').querySelector(`[data-key="${CSS.escape(l.line)}"]`);
    if (row) fill(row, { first: waits === null ? null : say('floor.firstWaits', inWords(waits - (waits > 60 ? 0 : waits % 10))) });
  }
  fill(document.querySelector('.floor-facts'), { longest: longest === null ? '–' : inWords(longest < 60 ? longest - longest % 10 : longest) });
  for (const w of windows) {
    const tile = $('windows').querySelector(`[data-key="${CSS.escape(w.window)}"]`);
    if (tile) fill(tile, { since: sinceWords(w) });
  }
}

export function sinceWords(w) {
  if (w.state === 'paused') return [w.reason && say('counter.' + w.reason), w.reopensAt && say('common.reopensAt', when(w.reopensAt))].filter(Boolean).join(' · ') || null;
  if (w.state === 'closed' && w.reopensAt) return say('floor.nextOpens', when(w.reopensAt));
  const since = w.state === 'serving' ? w.at?.startedAt : w.state === 'calling' ? w.at?.calledAt : null;
  if (!since) return null;
  const seconds = secondsBetween(since);
  return seconds < 60 ? say('floor.sinceJust', clockTime(since)) : say('floor.since', clockTime(since), inWords(seconds));
}

/** A problem in a sentence, with its facts where it has some that help. @param w the window it is about, as it is now. */
export function sentence({ problem, unsure }, w = null) {
  if (unsure) return say('counter.noAnswer');
  switch (problem.code) {
    case 'WrongState':
      if (problem.number) return say('counter.stateNow', problem.number, say('counter.state' + problem.state[0].toUpperCase() + problem.state.slice(1)));
      return w ? say('floor.windowState', w.window, say('common.' + w.state)) : problem.sentence;
    case 'WindowNotOpen': return w ? say('floor.windowState', w.window, say('common.' + w.state)) : problem.sentence;
    case 'WindowInUse': return problem.account ? say('counter.usedBy', problem.account) : problem.sentence;
    case 'Suspended': return say('floor.callSuspended');
    default: return problem.sentence;
  }
}
