// What the ids in figures are called, and the addresses of the legs behind them.

import { get } from '../api.js';
import { nameOf, page, say } from '../page.js';
import { count, duration } from './format.js';

const { names } = page.data;

export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const WEEKDAY_WORDS = { monday: 'reports.monday', tuesday: 'reports.tuesday', wednesday: 'reports.wednesday', thursday: 'reports.thursday', friday: 'reports.friday', saturday: 'reports.saturday', sunday: 'reports.sunday' };

/** The five grades, best first, as on the wire. */
export const GRADES = { verySatisfied: 'common.verySatisfied', satisfied: 'common.satisfied', fairlySatisfied: 'common.fairlySatisfied', dissatisfied: 'common.dissatisfied', veryDissatisfied: 'common.veryDissatisfied' };

export const OUTCOMES = {
  served: 'reports.served', noShow: 'reports.noShow', abandoned: 'reports.abandoned', withdrawn: 'reports.withdrawn', transferred: 'reports.transferred', void: 'reports.void', open: 'reports.open',
};

export const FINISHES = {
  done: 'reports.done', accepted: 'reports.accepted', toldOnce: 'reports.toldOnce', refused: 'reports.refused', advice: 'reports.advice', referred: 'reports.referred', collected: 'reports.collected', paid: 'reports.paid', left: 'reports.left',
};

/** Sets of legs that a figure counts, as the API calls them. */
const COUNTED = {
  called: 'reports.called', answered: 'reports.answered', unanswered: 'reports.unanswered', inTime: 'reports.inTime', offered: 'reports.offered', leftUnserved: 'reports.leftUnserved', rated: 'reports.rated', unrated: 'reports.unrated', decided: 'reports.decided', cameAgain: 'reports.cameAgain', told: 'reports.toldAny',
  promised: 'reports.promised',
};

// As many halls as one answer has names of; and as many asks as one page makes, since each wakes its halls: 960 in all.
const AT_ONCE = 48;
const MOST_ASKS = 20;

let asks = 0;
const learned = new Map(names.named.map(hall => [hall, null]));

/**
 * Learns what the keys of some rows are called, where the page did not come with it. Who has more halls than that sees ids for the rest, as where no name can be had.
 * @param by what the rows are, as on the wire.
 */
export async function learn(by, rows) {
  const ofHalls = by === 'line' || by === 'window' || by === 'staff';
  const known = { service: names.services, department: names.departments }[by];
  if (!ofHalls && !known) return;
  // Where most happened first.
  const wanted = ofHalls ? [...new Set([...rows].sort((a, b) => (b.legs ?? 0) - (a.legs ?? 0)).map(row => row.hall))] : page.data.halls;
  for (let rest = wanted.filter(hall => hall && !learned.has(hall)); rest.length > 0 && asks < MOST_ASKS && (ofHalls || rows.some(row => row.key && !known[row.key])); rest = rest.filter(hall => !learned.has(hall))) {
    const some = rest.slice(0, AT_ONCE);
    const answer = ask(some);
    for (const hall of some) learned.set(hall, answer);
    await answer;
  }
  await Promise.all(wanted.map(hall => learned.get(hall)));
}

async function ask(halls) {
  asks++;
  const { ok, data } = await get('metrics/names?' + new URLSearchParams({ halls: halls.join(',') }));
  if (!ok) return;
  for (const kind of ['services', 'departments', 'classes', 'lines', 'windows', 'staff']) Object.assign(names[kind], { ...data[kind], ...names[kind] });
}

/** A word of a closed list as people say it; itself where it is none of them. */
export function wordOf(words, word) {
  return word in words ? say(words[word]) : word ?? '';
}

/**
 * A row's key as people say it.
 * @param by what the rows are, as on the wire.
 * @param hall of lines, windows and staff: whose they are.
 */
export function keyName(by, key, hall = null) {
  if (key === null || key === undefined || key === '') return say('reports.noKey');
  const inHall = kind => nameOf(names[kind][`${hall}/${key}`]);
  switch (by) {
    case 'hall': return nameOf(names.halls[key]) || key;
    case 'service': return nameOf(names.services[key]) || key;
    case 'department': return nameOf(names.departments[key]) || key;
    case 'class': return nameOf(names.classes[key]) || key;
    case 'line': return withHall(inHall('lines') || key, hall);
    case 'window': return withHall([say('common.windowNumber', key), inHall('windows')].filter(Boolean).join(' '), hall);
    case 'staff': return withHall(inHall('staff') || key, hall);
    // Where it is told already of which hall they are.
    case 'person': return inHall('staff') || key;
    case 'row': return inHall('lines') || key;
    case 'hour': return hourName(key);
    case 'weekday': return wordOf(WEEKDAY_WORDS, key);
    case 'outcome': return wordOf(OUTCOMES, key);
    case 'grade': return wordOf(GRADES, key);
    case 'counted': return wordOf(COUNTED, key);
    case 'waitOverSeconds': case 'waitUpToSeconds': return duration(Number(key));
    default: return key;
  }
}

function withHall(name, hall) {
  return hall && page.data.halls.length > 1 ? `${name} · ${nameOf(names.halls[hall]) || hall}` : name;
}

export function hourName(hour) {
  return say('reports.hourOf', hour);
}

export function hallName(hall) {
  return nameOf(names.halls[hall]) || hall;
}

/** The question's halls and days as the API and addresses take them. */
export function scope(of = page.data) {
  const parts = { from: of.from, to: of.to };
  if (!of.allHalls) parts.halls = of.halls.join(',');
  return parts;
}

/** What waits are measured by, in words. */
export function targetName() {
  const minutes = page.data.targetMinutes;
  return minutes === null ? say('reports.targetOfLines') : say('reports.targetOf', minutes);
}

/** What narrows the legs to those answered in time. */
export function inTime() {
  const minutes = page.data.targetMinutes;
  return minutes === null ? { counted: 'inTime' } : { waitUpToSeconds: minutes * 60 };
}

/** The address of the legs behind a figure: the question's own, narrowed by `filter`. */
export function legsHref(filter = {}, of = page.data) {
  return '/reports/legs?' + new URLSearchParams({ ...scope(of), ...filter });
}

/** A link to legs says how many they are, since its text may be a share or a time. */
export function tellLegs(link, legs) {
  if (legs === null || legs === undefined) return;
  link.dataset.legs = legs;
  link.title = say('reports.opensLegs', count(legs));
}

export function visitHref(hall, ticket) {
  return `/reports/visit/${encodeURIComponent(hall)}/${encodeURIComponent(ticket)}`;
}

/** What narrows the legs to a row's; null where addresses cannot say it. */
export function filterOf(by, key, hall = null) {
  const empty = key ?? '';
  switch (by) {
    case 'hall': return { halls: key };
    case 'line': case 'window': case 'staff': return hall ? { halls: hall, [by]: empty } : { [by]: empty };
    case 'service': case 'department': case 'hour': case 'weekday': return { [by]: empty };
    case 'day': return { from: key, to: key };
    case 'week': return within(weekOf(key));
    case 'month': return within([key + '-01', iso(Date.UTC(Number(key.slice(0, 4)), Number(key.slice(5)), 0))]);
    default: return null;
  }
}

// No further than the question's own days.
function within([from, to]) {
  return { from: from < page.data.from ? page.data.from : from, to: to > page.data.to ? page.data.to : to };
}

// The first week of a year is the one with the 4th of January (ISO 8601).
function weekOf(key) {
  const [year, week] = [Number(key.slice(0, 4)), Number(key.slice(6))];
  const fourth = new Date(Date.UTC(year, 0, 4));
  const monday = fourth.getTime() - ((fourth.getUTCDay() + 6) % 7) * DAY + (week - 1) * 7 * DAY;
  return [iso(monday), iso(monday + 6 * DAY)];
}

const DAY = 86_400_000;

function iso(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
