// Where the time of windows and of staff went: parts that add up to the sessions.

import { say } from '../page.js';
import { COLOURS, LYING, PATTERNS, categories, draw, inUnits, values } from './chart.js';
import { count, duration, minutes, percent, share } from './format.js';
import { filterOf, keyName, legsHref } from './names.js';

/** In the order they are stacked; `closed` last, beyond what was open. */
const USES = [
  ['serving', 'reports.useServing', COLOURS.dark], ['walking', 'reports.useWalking', COLOURS.blue], ['idle', 'reports.useIdle', COLOURS.pale], ['idleWaitedFor', 'reports.useIdleWaitedFor', COLOURS.amber],
  ['paused', 'reports.usePaused', COLOURS.quiet], ['suspended', 'reports.useSuspended', COLOURS.soft], ['closed', 'reports.useClosed', COLOURS.faint],
];

const MOST_BARS = 40;

export const windows = async ({ section, windows }) => useOf(section, 'window', (await windows).map(withUses));

export const staff = async ({ section, staff }) => useOf(section, 'staff', (await staff).map(withUses));

function withUses({ time, ...row }) {
  return { ...row, uses: { ...Object.fromEntries(USES.map(([use]) => [use, time[use + 'Seconds']])), paused: Object.values(time.pausedSeconds).reduce((sum, seconds) => sum + seconds, 0) } };
}

async function useOf(section, by, rows) {
  // Nobody is signed in while a window is closed, and a person's day is what they were signed in.
  const uses = by === 'staff' ? USES.filter(([use]) => use !== 'closed') : USES;
  const whole = row => uses.reduce((sum, [use]) => sum + row.uses[use], 0);
  // Legs that nobody called have no window, and windows that nobody signed in at are nobody's time.
  const used = rows.filter(row => row.key && whole(row) > 0);
  if (used.length === 0) return { says: say('reports.noTime'), columns: [], rows: [] };
  // A window that nobody opened is one line of the table.
  const shown = used.filter(row => whole(row) > row.uses.closed).sort((a, b) => b.uses.serving - a.uses.serving).slice(0, MOST_BARS);
  if (shown.length === 0) return { says: say('reports.noTime'), columns: [], rows: [] };
  await draw(section, {
    ...PATTERNS,
    grid: { left: 24, right: 32, top: 76, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: 'shadow' }, valueFormatter: hours => duration(hours * 3600) },
    xAxis: values(inUnits('reports.axisHours')),
    yAxis: categories(shown.map(row => keyName(by, row.key, row.hall)), LYING),
    series: uses.map(([use, name, color]) => ({ name: say(name), type: 'bar', stack: 'time', barMaxWidth: 24, itemStyle: { color }, data: shown.map(row => Math.round(row.uses[use] / 36) / 100) })),
  }, { rows: shown.length, onClick: event => hrefOf(by, shown[event.dataIndex]) });
  const all = used.reduce((sum, row) => sum + whole(row), 0);
  const of = use => used.reduce((sum, row) => sum + row.uses[use], 0);
  return {
    says: say('reports.useSays', duration(all), percent(of('serving') + of('walking'), all), percent(of('idleWaitedFor'), all), percent(of('paused'), all)),
    columns: [{ text: say('reports.' + by) }, { text: say('reports.served'), number: true }, ...uses.map(([, name]) => timeColumn(say(name))), timeColumn(say('reports.sum')), { text: say('reports.shareServing'), csv: say('reports.asShare', say('reports.shareServing')), number: true }],
    rows: used.map(row => [
      { text: keyName(by, row.key, row.hall), value: row.key, href: hrefOf(by, row), legs: row.legs }, { text: count(row.served), value: row.served ?? '', href: row.served > 0 ? legsHref({ ...filterOf(by, row.key, row.hall), outcome: 'served' }) : null, legs: row.served }, ...uses.map(([use]) => ({ text: minutes(row.uses[use]), value: row.uses[use] })),
      { text: minutes(whole(row)), value: whole(row) }, { text: percent(row.uses.serving + row.uses.walking, whole(row)), value: share(row.uses.serving + row.uses.walking, whole(row)) ?? '' },
    ]),
  };
}

function timeColumn(name) {
  return { text: say('reports.inMinutes', name), csv: say('reports.inSeconds', name), number: true };
}

function hrefOf(by, row) {
  return legsHref(filterOf(by, row.key, row.hall));
}
