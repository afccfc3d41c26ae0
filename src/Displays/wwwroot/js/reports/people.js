// Who came when, what became of them, and what they said.

import { say } from '../page.js';
import { COLOURS, categories, draw, values } from './chart.js';
import { count, percent, share } from './format.js';
import { GRADES, OUTCOMES, WEEKDAYS, hourName, keyName, legsHref, wordOf } from './names.js';

/** Arrivals by weekday and hour. */
export async function arrivals({ section, arrivals }) {
  const cells = (await arrivals).map(cell => ({ weekday: cell.day, hour: cell.hour, n: cell.legs }));
  const all = cells.reduce((sum, cell) => sum + cell.n, 0);
  if (all === 0) return { says: say('reports.nobodyCame'), columns: [], rows: [] };
  const [first, last] = [Math.min(...cells.map(cell => cell.hour)), Math.max(...cells.map(cell => cell.hour))];
  const hours = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const most = cells.reduce((found, cell) => found.n >= cell.n ? found : cell);
  const at = (weekday, hour) => cells.find(cell => cell.weekday === weekday && cell.hour === hour)?.n ?? 0;
  await draw(section, {
    legend: { show: false },
    grid: { left: 8, right: 16, top: 16, bottom: 64, containLabel: true },
    tooltip: { trigger: 'item', renderMode: 'richText', formatter: ({ value }) => `${keyName('weekday', WEEKDAYS[value[1]])} ${hourName(hours[value[0]])}  ${count(value[2])}` },
    xAxis: categories(hours.map(hourName), { splitArea: { show: false }, axisLine: { show: false } }),
    yAxis: categories(WEEKDAYS.map(day => keyName('weekday', day)), { inverse: true, axisLine: { show: false } }),
    visualMap: { min: 0, max: Math.max(1, most.n), orient: 'horizontal', left: 4, bottom: 0, itemWidth: 14, itemHeight: 160, text: [count(most.n), '0'], textStyle: { color: COLOURS.ink }, inRange: { color: ['#f2f7fd', '#c3d8f3', '#93b6e4', '#1c5fb8', '#0d3871'] } },
    series: [{
      type: 'heatmap', itemStyle: { borderColor: COLOURS.surface, borderWidth: 2, borderRadius: 3 },
      data: WEEKDAYS.flatMap((day, y) => hours.map((hour, x) => {
        const n = at(day, hour);
        return { value: [x, y, n], label: { show: n > 0, fontSize: 13, color: n > most.n * 0.68 ? '#fff' : COLOURS.ink } };
      })),
    }],
  }, { onClick: event => legsHref({ weekday: WEEKDAYS[event.value[1]], hour: hours[event.value[0]] }) });
  return {
    says: say('reports.arrivalsSays', keyName('weekday', most.weekday), hourName(most.hour), count(most.n), count(all)),
    columns: [{ text: say('reports.weekday') }, ...hours.map(hour => ({ text: hourName(hour), number: true })), { text: say('reports.sum'), number: true }],
    rows: WEEKDAYS.map(day => [
      { text: keyName('weekday', day), value: day, href: legsHref({ weekday: day }), legs: hours.reduce((sum, hour) => sum + at(day, hour), 0) },
      ...hours.map(hour => ({ text: count(at(day, hour)), value: at(day, hour), href: at(day, hour) > 0 ? legsHref({ weekday: day, hour }) : null, legs: at(day, hour) })),
      { text: count(hours.reduce((sum, hour) => sum + at(day, hour), 0)), value: hours.reduce((sum, hour) => sum + at(day, hour), 0) },
    ]),
  };
}

/** From the number to the matter done: where people are lost. */
export async function outcomes({ section, total }) {
  const row = await total;
  const steps = [['reports.issued', row.legs, {}], ['reports.called', row.called, { counted: 'called' }], ['reports.started', row.wait.n, { counted: 'answered' }], ['reports.served', row.served, { outcome: 'served' }]];
  await draw(section, {
    legend: { show: false },
    tooltip: { trigger: 'item', renderMode: 'richText', formatter: ({ dataIndex }) => steps[dataIndex] ? `${say(steps[dataIndex][0])}  ${count(steps[dataIndex][1])}` : '' },
    series: [{
      type: 'funnel', sort: 'none', left: '4%', right: '4%', top: 16, bottom: 16, minSize: '6%', maxSize: '100%', min: 0, max: Math.max(1, row.legs), gap: 3, label: { show: true, position: 'inside', fontSize: 15, lineHeight: 20 },
      // The last one, of no height, ends the funnel as wide as it is: it would run down to nothing.
      data: [...steps, [null, row.served]].map(([name, n], at) => name === null ? { value: n, itemStyle: { height: 0 }, label: { show: false } } : {
        name: say(name), value: n, itemStyle: { color: [COLOURS.pale, COLOURS.light, COLOURS.blue, COLOURS.dark][at], borderWidth: 0 },
        label: { color: at < 2 ? COLOURS.ink : '#fff', formatter: `${say(name)}  ${count(n)}  ·  ${percent(n, row.legs)}`, ...(n < row.legs * 0.35 ? { position: 'right', color: COLOURS.ink } : {}) },
      }),
    }],
  }, { onClick: event => legsHref(steps[event.dataIndex]?.[2]) });
  return {
    says: say('reports.outcomesSays', count(row.legs), count(row.served), percent(row.served, row.legs), count(row.legs - row.served - row.open - row.transferred - row.void)),
    columns: [{ text: say('reports.outcome') }, { text: say('reports.legsCount'), number: true }, { text: say('reports.shareOfLegs'), csv: say('reports.asShare', say('reports.shareOfLegs')), number: true }],
    rows: [
      ...Object.keys(OUTCOMES).map(word => [{ text: wordOf(OUTCOMES, word), value: word, href: legsHref({ outcome: word }), legs: row[word] }, { text: count(row[word]), value: row[word] }, { text: percent(row[word], row.legs), value: share(row[word], row.legs) ?? '' }]),
      [{ text: say('reports.issued'), value: 'legs', href: legsHref(), legs: row.legs }, { text: count(row.legs), value: row.legs }, { text: percent(row.legs, row.legs), value: 1 }],
    ],
  };
}

/** Five grades, and those who were served and said nothing. */
export async function ratings({ section, ratings }) {
  const row = await ratings;
  const grades = Object.keys(GRADES);
  const { served } = row;
  const n = word => row.grades[word] ?? 0;
  if (served === 0) return { says: say('reports.nobodyServed'), columns: [], rows: [] };
  const colours = [COLOURS.dark, COLOURS.blue, COLOURS.light, COLOURS.amber, COLOURS.bad, COLOURS.faint];
  const bars = [...grades.map(word => [say(GRADES[word]), n(word)]), [say('reports.unrated'), row.unrated]];
  await draw(section, {
    legend: { show: false },
    grid: { left: 8, right: 96, top: 16, bottom: 8, containLabel: true },
    xAxis: values({ minInterval: 1 }),
    yAxis: categories(bars.map(([name]) => name), { inverse: true }),
    series: [{
      type: 'bar', barMaxWidth: 26, label: { show: true, position: 'right', color: COLOURS.ink, fontSize: 14, formatter: ({ dataIndex, value }) => dataIndex < grades.length ? `${count(value)} · ${percent(value, row.rated)}` : count(value) },
      data: bars.map(([, value], at) => ({ value, itemStyle: { color: colours[at], borderRadius: [0, 4, 4, 0] } })),
    }],
  });
  return {
    says: row.rated > 0 ? say('reports.ratingsSays', percent(row.rated - row.bad, row.rated), count(row.rated - row.bad), count(row.rated), percent(row.rated, served)) : say('reports.ratingsNone', count(served)),
    columns: [{ text: say('reports.grade') }, { text: say('reports.people'), number: true }, { text: say('reports.shareOfRated'), csv: say('reports.asShare', say('reports.shareOfRated')), number: true }],
    rows: bars.map(([name, value], at) => [{ text: name, value: grades[at] ?? 'unrated', href: legsHref(at < grades.length ? { grade: grades[at] } : { counted: 'unrated' }), legs: value }, { text: count(value), value }, at < grades.length ? { text: percent(value, row.rated), value: share(value, row.rated) ?? '' } : '–']),
  };
}
