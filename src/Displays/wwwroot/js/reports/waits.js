// How long people waited: over the day, spread over lengths, by whatever was asked for, and against the target by hall.

import { page, say } from '../page.js';
import { COLOURS, LYING, categories, draw, inUnits, values } from './chart.js';
import { count, duration, inMinutes, minutes, percent, share } from './format.js';
import { filterOf, hallName, hourName, inTime, keyName, legsHref, targetName } from './names.js';

// Null: each line has its own, which no line across a chart can show.
const target = page.data.targetMinutes;

// More bars than that are told by the table alone.
const MOST_BARS = 30;

/** An axis of waits, long enough for the target to be on it. */
const axisOf = waits => values({ ...inUnits('reports.axisMinutes'), ...(target !== null && waits.every(wait => wait === null || wait < target) ? { max: Math.ceil(target * 1.2 / 5) * 5 } : {}) });

/** A line across at the target. */
const mark = axis => target === null ? {} : ({ markLine: { silent: true, symbol: 'none', lineStyle: { color: COLOURS.warn, type: 'dashed', width: 2 }, label: { formatter: say('reports.targetLine', target), color: COLOURS.warn, fontSize: 13, position: axis === 'yAxis' ? 'insideEndTop' : 'start' }, data: [{ [axis]: target }] } });

const WAIT_COLUMNS = name => [
  { text: name }, { text: say('reports.legsCount'), number: true }, { text: say('reports.answered'), number: true },
  ...['p50', 'p90', 'p95', 'max'].map(part => ({ text: say('reports.inMinutes', say('reports.' + part)), csv: say('reports.inSeconds', say('reports.' + part)), number: true })),
  { text: say('reports.within'), number: true },
];

/** `filter` narrows the legs to the row's; null where addresses cannot say it. */
function waitCells(row, filter) {
  const { wait } = row;
  return [
    { text: count(row.legs), value: row.legs }, { text: count(wait.n), value: wait.n, href: filter && wait.n > 0 ? legsHref({ ...filter, counted: 'answered' }) : null, legs: wait.n },
    ...[wait.p50Seconds, wait.p90Seconds, wait.p95Seconds, wait.maxSeconds].map(seconds => ({ text: minutes(seconds), value: seconds ?? '' })),
    { text: percent(row.serviceLevel.ofOffered.part, row.serviceLevel.ofOffered.of), value: row.serviceLevel.ofOffered.rate ?? '' },
  ];
}

const shareCsv = columns => [...columns.slice(0, -1), { ...columns.at(-1), csv: say('reports.asShare', columns.at(-1).text) }];

/** Where percentiles are not of the values themselves, a sentence says so. */
const withExact = (sentence, rows) => rows.every(row => row.exact) ? sentence : `${sentence} ${say('reports.within1')}`;

/** p50 and p90 over the hours of the day, as two bands. */
export async function hours({ section, hours }) {
  const rows = await hours;
  const p50 = rows.map(row => inMinutes(row.wait.p50Seconds));
  const p90 = rows.map(row => inMinutes(row.wait.p90Seconds));
  await draw(section, {
    xAxis: categories(rows.map(row => hourName(row.key)), { boundaryGap: false }),
    yAxis: axisOf(p90),
    series: [
      { name: say('reports.p90Line'), type: 'line', data: p90, symbolSize: 7, areaStyle: { color: COLOURS.pale, opacity: 0.75 }, lineStyle: { color: COLOURS.light, width: 2 }, itemStyle: { color: COLOURS.light }, ...mark('yAxis') },
      { name: say('reports.p50Line'), type: 'line', data: p50, symbolSize: 7, areaStyle: { color: COLOURS.light, opacity: 0.9 }, lineStyle: { color: COLOURS.dark, width: 3 }, itemStyle: { color: COLOURS.dark } },
    ],
  }, { onClick: event => legsHref({ hour: rows[event.dataIndex].key }) });
  const worst = rows.filter(row => row.wait.n > 0).reduce((most, row) => most && most.wait.p90Seconds >= row.wait.p90Seconds ? most : row, null);
  const columns = shareCsv(WAIT_COLUMNS(say('reports.hour')));
  return {
    says: worst ? withExact(say('reports.hoursSays', hourName(worst.key), duration(worst.wait.p50Seconds), duration(worst.wait.p90Seconds)), rows) : say('reports.nobodyServed'),
    columns,
    rows: rows.map(row => [{ text: hourName(row.key), value: row.key, href: legsHref({ hour: row.key }), legs: row.legs }, ...waitCells(row, { hour: row.key })]),
  };
}

/** How many waited how long. */
export async function spread({ section, total }) {
  const { distribution, wait } = await total;
  const bins = distribution.map(({ upToSeconds, n }, at) => ({ from: at === 0 ? 0 : distribution[at - 1].upToSeconds / 60, to: upToSeconds === null ? null : upToSeconds / 60, n }));
  const all = bins.reduce((sum, bin) => sum + bin.n, 0);
  const names = bins.map(bin => bin.to === null ? `> ${bin.from}` : `${bin.from}–${bin.to}`);
  await draw(section, {
    legend: { show: false },
    xAxis: categories(names, { name: say('reports.waitMinutes'), nameLocation: 'middle', nameGap: 32, nameTextStyle: { color: COLOURS.soft, fontSize: 13 }, axisLabel: { interval: 0, fontSize: 12 } }),
    yAxis: values({ minInterval: 1 }),
    series: [{
      type: 'bar', barCategoryGap: '12%', label: { show: true, position: 'top', color: COLOURS.ink, fontSize: 13, formatter: ({ value }) => value > 0 ? count(value) : '' },
      data: bins.map(bin => ({ value: bin.n, itemStyle: { color: target === null || (bin.to !== null && bin.to <= target) ? COLOURS.blue : bin.from < target ? COLOURS.light : COLOURS.amber, borderRadius: [4, 4, 0, 0] } })),
    }],
  }, { onClick: event => legsHref(waitsOf(bins[event.dataIndex])) });
  let sum = 0;
  return {
    says: all === 0 ? say('reports.nobodyServed') : say('reports.spreadSays', count(wait.withinTarget), count(all), percent(wait.withinTarget, all), targetName()),
    columns: [{ text: say('reports.waitMinutes') }, { text: say('reports.people'), number: true }, { text: say('reports.shareOfAll'), number: true }, { text: say('reports.upToHere'), number: true }],
    rows: bins.map((bin, at) => {
      sum += bin.n;
      return [names[at], { text: count(bin.n), value: bin.n, href: bin.n > 0 ? legsHref(waitsOf(bin)) : null, legs: bin.n }, { text: percent(bin.n, all), value: share(bin.n, all) ?? '' }, { text: percent(sum, all), value: share(sum, all) ?? '' }];
    }),
  };
}

function waitsOf({ from, to }) {
  return { ...(from > 0 ? { waitOverSeconds: from * 60 } : {}), ...(to === null ? {} : { waitUpToSeconds: to * 60 }) };
}

/** The share answered in time, by hall. */
export async function level({ section, halls }) {
  const rows = [...await halls].sort((a, b) => (rateOf(b) ?? -1) - (rateOf(a) ?? -1));
  const told = rows.filter(row => rateOf(row) !== null);
  if (told.length === 0) return { says: say('reports.nobodyServed'), columns: [], rows: [] };
  const shown = told.slice(0, MOST_BARS);
  const shareOf = row => percent(row.serviceLevel.ofOffered.part, row.serviceLevel.ofOffered.of);
  await draw(section, {
    legend: { show: false },
    grid: { left: 24, right: 80, top: 16, bottom: 8, containLabel: true },
    xAxis: values({ max: 100, axisLabel: { formatter: '{value} %', color: COLOURS.soft, fontSize: 13 } }),
    yAxis: categories(shown.map(row => hallName(row.key)), LYING),
    series: [{
      type: 'bar', barMaxWidth: 26, showBackground: true, backgroundStyle: { color: COLOURS.palest }, itemStyle: { color: COLOURS.blue, borderRadius: [0, 4, 4, 0] },
      label: { show: true, position: 'right', color: COLOURS.ink, fontSize: 14, formatter: ({ dataIndex }) => shareOf(shown[dataIndex]) },
      data: shown.map(row => Math.round(rateOf(row) * 1000) / 10),
    }],
  }, { rows: shown.length, onClick: event => legsHref({ halls: shown[event.dataIndex].key }) });
  const [best, last] = [told[0], told.at(-1)];
  return {
    says: told.length > 1 ? say('reports.levelSays', hallName(best.key), shareOf(best), hallName(last.key), shareOf(last)) : say('reports.levelSaysOne', hallName(best.key), shareOf(best), targetName()),
    columns: [{ text: say('reports.hall') }, { text: say('reports.inTime'), number: true }, ...LEVELS.map(([name]) => ({ text: say(name), csv: say('reports.asShare', say(name)), number: true }))],
    rows: rows.map(row => [
      { text: hallName(row.key), value: row.key, href: legsHref({ halls: row.key }), legs: row.legs },
      { text: count(row.wait.withinTarget), value: row.wait.withinTarget, href: row.wait.withinTarget > 0 ? legsHref({ halls: row.key, ...inTime() }) : null, legs: row.wait.withinTarget },
      ...LEVELS.map(([, of]) => ({ text: `${percent(row.serviceLevel[of].part, row.serviceLevel[of].of)} (${count(row.serviceLevel[of].part)}/${count(row.serviceLevel[of].of)})`, value: row.serviceLevel[of].rate ?? '' })),
    ]),
  };
}

/** The four denominators in use: a figure without its name says nothing. */
const LEVELS = [
  ['reports.levelOffered', 'ofOffered'], ['reports.levelAnswered', 'answeredOnly'], ['reports.levelLessShort', 'offeredLessShortAbandons'], ['reports.levelLeftGood', 'abandonsInTargetCountGood'],
];

function rateOf(row) {
  return row.serviceLevel.ofOffered.rate;
}

/** The waits of every service, window, day …: whatever was asked for. */
export async function rows({ section, rows }) {
  const { by } = page.data;
  const all = await rows;
  const isTime = ['hour', 'weekday', 'day', 'week', 'month'].includes(by);
  const chart = section.querySelector('.r-chart');
  const shown = isTime ? all : [...all].filter(row => row.wait.n > 0).sort((a, b) => b.legs - a.legs).slice(0, MOST_BARS);
  const name = row => keyName(by, row.key, row.hall);
  const series = [['p50Line', 'p50Seconds', COLOURS.dark], ['p90Line', 'p90Seconds', COLOURS.light]].map(([key, part, color], at) => ({
    name: say('reports.' + key), type: isTime && all.length > 1 ? 'line' : 'bar', barGap: '-100%', z: 3 - at, barMaxWidth: 22, symbolSize: 7, itemStyle: { color, borderRadius: 3 }, lineStyle: { width: 3 },
    data: shown.map(row => inMinutes(row.wait[part])), ...(at === 1 ? mark(isTime ? 'yAxis' : 'xAxis') : {}),
  }));
  if (shown.length > 0) {
    const names = shown.map(name);
    const p90 = shown.map(row => inMinutes(row.wait.p90Seconds));
    await draw(section, isTime ? { xAxis: categories(names), yAxis: axisOf(p90), series }
      : { grid: { left: 24, right: 48, top: 64, bottom: 8, containLabel: true }, xAxis: axisOf(p90), yAxis: categories(names, { ...LYING, axisLabel: { ...LYING.axisLabel, width: 320 } }), series },
      { rows: isTime ? 0 : shown.length, onClick: event => hrefOf(by, shown[event.dataIndex]) });
  } else {
    chart.hidden = true;
  }
  const most = all.filter(row => row.wait.n > 0).reduce((found, row) => found && found.wait.p90Seconds >= row.wait.p90Seconds ? found : row, null);
  const columns = shareCsv(WAIT_COLUMNS(say('reports.' + by)));
  columns.splice(3, 0, ...['served', 'noShow', 'abandoned'].map(outcome => ({ text: say('reports.' + outcome), number: true })));
  columns.push({ text: say('reports.inMinutes', say('reports.serviceP50')), csv: say('reports.inSeconds', say('reports.serviceP50')), number: true });
  return {
    says: most ? withExact(say(shown.length < all.filter(row => row.wait.n > 0).length ? 'reports.rowsSaysSome' : 'reports.rowsSays', name(most), duration(most.wait.p90Seconds), shown.length), all) : say('reports.nobodyServed'),
    columns,
    rows: all.map(row => {
      const cells = waitCells(row, filterOf(by, row.key, row.hall));
      cells.splice(2, 0, ...['served', 'noShow', 'abandoned'].map(outcome => ({ text: count(row[outcome]), value: row[outcome], href: row[outcome] > 0 ? hrefOf(by, row, { outcome }) : null, legs: row[outcome] })));
      return [{ text: name(row), value: row.key ?? '', href: hrefOf(by, row), legs: row.legs }, ...cells, { text: minutes(row.service.p50Seconds), value: row.service.p50Seconds ?? '' }];
    }),
  };
}

function hrefOf(by, row, more = {}) {
  const filter = filterOf(by, row.key, row.hall);
  return filter ? legsHref({ ...filter, ...more }) : null;
}
