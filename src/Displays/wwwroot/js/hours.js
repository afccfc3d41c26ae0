// What the calendar has to say to visitors: when the hall is open, why a number is not to be had now, and what is left to them. The same words on every page.

import { localDay } from './clock.js';
import { when } from './dates.js';
import { both, clockTime } from './page.js';

/** Today's hours, `09:00–12:00`; what follows on without a break is one stretch, and the time in which only those who are there are served is none. */
export function hoursOf(timeline) {
  const stretches = [];
  for (const { from, to, untilServed } of timeline?.sessions ?? []) {
    if (untilServed) continue;
    const last = stretches.at(-1);
    if (last?.to === from) last.to = to;
    else stretches.push({ from, to });
  }
  return stretches.map(({ from, to }) => `${clockTime(from)}–${clockTime(to)}`);
}

/** "今天办理时间 09:00–12:00 13:30–17:00", or that it is not open today. */
export function hoursToday(timeline) {
  const hours = hoursOf(timeline);
  return hours.length === 0 ? both('common.notOpenToday') : both('common.hoursToday', hours.join('  '));
}

/** When numbers are given next; null where they are now, or nobody knows. */
export function numbersFrom(issuesAt, today = localDay()) {
  return issuesAt ? both('common.numbersFrom', when(issuesAt, today)) : null;
}

/** Why a number was refused by the calendar, {zh, en}; null for any other refusal. */
export function whyNot(problem, today = localDay()) {
  if (problem.code === 'HallClosed') {
    const next = numbersFrom(problem.opensAt, today);
    const why = both(problem.appointmentOnly ? 'common.appointmentsOnly' : 'common.noNumbersNow');
    return next ? { zh: `${why.zh}，${next.zh}`, en: `${why.en}. ${next.en}` } : why;
  }
  if (problem.code === 'CannotBeServedToday') return both(problem.lacking === 'window' ? 'common.lackingWindow' : 'common.lackingWork');
  return null;
}

/** The first of a kind that a refusal leaves open, `session` or `appointment`; null for none. */
export function leftAt(problem, kind) {
  return problem.alternatives?.find(other => other.kind === kind)?.at ?? null;
}
