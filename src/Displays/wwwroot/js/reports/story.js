// What happened, in one sentence and a few figures; and the same figures beside those of other days or another hall.

import { fill, nameOf, page, say } from '../page.js';
import { COLOURS, categories, draw, inUnits, values } from './chart.js';
import { count, difference, duration, inMinutes, percent } from './format.js';
import { hallName, hourName, inTime, legsHref, targetName, tellLegs } from './names.js';

/** A share with both its counts; `of` gives it of a row, `legs` which of the two are the legs behind it. */
function rate(name, of, filter, legs, more = {}) {
  return { name, value: row => of(row).rate, format: share => share === null ? percent(0, 0) : percent(share, 1), note: row => say('reports.partOf', count(of(row).part), count(of(row).of)), filter, legs: row => of(row)[legs], verdict: row => targetOf(of(row), row.open > 0), ...more };
}

/** A rate beside its target, in words; null where nothing was agreed on. `isRunning`: people are still there, and it may change. */
function targetOf({ target: told }, isRunning) {
  if (!told) return null;
  const bound = `${told.atLeast === undefined ? '≤' : '≥'}\u00A0${percent(told.atLeast ?? told.atMost, 1)}`;
  if (told.met === null) return { isMet: null, says: say('reports.rateTarget', bound) };
  const [met, missed] = isRunning ? ['reports.rateMetSoFar', 'reports.rateMissedSoFar'] : ['reports.rateMet', 'reports.rateMissed'];
  return { isMet: told.met, says: say(told.met ? met : missed, bound) };
}

/** Whether nine in ten waited no longer than the target: of those whose turn came, and no longer so once those who wait or left have waited longer. */
function verdictOf(row) {
  if (row.wait.n === 0) return null;
  const isAnsweredMet = isNineInTen(row.wait);
  const isMet = isAnsweredMet && isNineInTen(row.includingWaiting);
  return { isMet, says: say(!isAnsweredMet ? 'reports.targetMissed' : !isMet ? 'reports.targetMissedWaiting' : row.open > 0 ? 'reports.targetMetSoFar' : 'reports.targetMet', targetName()) };
}

function isNineInTen({ n, withinTarget }) {
  return withinTarget * 10 >= n * 9;
}

/** What is told of a row: how it is said, and the legs behind it with their number. `isRare`: left out where there is nothing to tell it of. */
const FIGURES = [
  { name: 'reports.visits', value: row => row.tickets, format: count, note: row => say('reports.legsOf', count(row.legs)), filter: {}, legs: row => row.legs },
  { name: 'reports.waitP50', value: row => row.wait.p50Seconds, format: duration, note: row => say('reports.ofAnswered', count(row.wait.n)), filter: { counted: 'answered' }, legs: row => row.wait.n },
  { name: 'reports.waitP90', value: row => row.wait.p90Seconds, format: duration, note: row => say('reports.longest', duration(row.wait.maxSeconds)), verdict: verdictOf, filter: { counted: 'answered' }, legs: row => row.wait.n },
  rate('reports.within', row => row.serviceLevel.ofOffered, inTime(), 'part'),
  { name: 'reports.served', value: row => row.served, format: count, note: row => say('reports.serviceMedian', duration(row.service.p50Seconds)), filter: { outcome: 'served' }, legs: row => row.served },
  { name: 'reports.open', value: row => row.open, format: count, note: row => say('reports.openNote', duration(row.includingWaiting.p90Seconds)), filter: { outcome: 'open' }, legs: row => row.open },
  rate('reports.noShowRate', row => row.rates.noShow, { outcome: 'noShow' }, 'part'),
  rate('reports.abandonment', row => row.rates.abandonment, { outcome: 'abandoned' }, 'part'),
  rate('reports.leftUnserved', row => row.rates.leftUnserved, { counted: 'leftUnserved' }, 'part'),
  rate('reports.satisfaction', row => row.rates.satisfaction, { counted: 'rated' }, 'of'),
  rate('reports.doneAtOnce', row => row.rates.doneAtOnce, { counted: 'decided' }, 'of', { isRare: true }),
  rate('reports.cameAgain', row => row.rates.cameAgain, { counted: 'cameAgain' }, 'part', { isRare: true }),
  rate('reports.toldRight', row => row.rates.toldRight, { counted: 'told' }, 'of', { isRare: true }),
  // Its counts are working days, not legs.
  rate('reports.faster', row => row.rates.faster, { counted: 'promised' }, null, { isRare: true }),
];

/** Fills the figures and the sentence. */
export async function story({ total }) {
  const row = await total;
  const figures = FIGURES.filter(figure => !figure.isRare || figure.value(row) !== null);
  fillFigures(figures, row);
  document.getElementById('tale').textContent = row.wait.n > 0
    ? say('reports.tale', count(row.tickets), duration(row.wait.p50Seconds), duration(row.wait.p90Seconds), percent(row.serviceLevel.ofOffered.part, row.serviceLevel.ofOffered.of), targetName(),
      // Answered late, still there or gone: whatever is left of the whole may yet be answered in time, or left early.
      percent(row.includingWaiting.n - row.includingWaiting.withinTarget, row.serviceLevel.ofOffered.of))
    : say('reports.taleNobodyServed', count(row.tickets));
  return {
    says: say(row.exact ? 'reports.exact' : 'reports.within1'),
    columns: [{ text: say('reports.figure') }, { text: say('reports.value'), number: true }, { text: say('reports.counts') }, { text: say('reports.targetColumn') }],
    rows: figures.map(figure => [say(figure.name), { text: figure.format(figure.value(row)), value: figure.value(row) ?? '', href: legsHref(figure.filter), legs: figure.legs(row) }, figure.note(row), figure.verdict?.(row)?.says ?? '–']),
  };
}

function fillFigures(figures, row) {
  const template = document.getElementById('figure');
  document.getElementById('figures').replaceChildren(...figures.map(figure => {
    const item = template.content.firstElementChild.cloneNode(true);
    const verdict = figure.verdict?.(row) ?? null;
    const link = item.querySelector('a');
    link.href = legsHref(figure.filter);
    tellLegs(link, figure.legs(row));
    fill(item, { name: say(figure.name), value: figure.format(figure.value(row)), note: figure.note(row), target: verdict?.says });
    if (verdict && verdict.isMet !== null) item.classList.add(verdict.isMet ? 'good' : 'warn');
    return item;
  }));
}

/** The figures beside those compared with, and the wait over the day of both. */
export async function comparison({ section, total, hours, otherHours }) {
  const [here, mine, theirs] = await Promise.all([total, hours, otherHours]);
  const { row: there, notes } = here.compared;
  const { compare } = page.data;
  const [hereName, thereName] = compare.isDays ? [days(page.data), days(compare)] : [page.data.halls.length === 1 ? hallName(page.data.halls[0]) : say('reports.chosenHalls'), hallName(compare.halls[0])];
  const keys = [...new Set([...mine, ...theirs].map(row => Number(row.key)))].sort((a, b) => a - b);
  const p90 = rows => keys.map(key => inMinutes(rows.find(row => Number(row.key) === key)?.wait.p90Seconds));
  await draw(section, {
    xAxis: categories(keys.map(hourName)),
    yAxis: values(inUnits('reports.axisMinutes')),
    series: [
      { name: hereName, type: 'line', data: p90(mine), symbolSize: 8, lineStyle: { width: 3 }, itemStyle: { color: COLOURS.blue } },
      { name: thereName, type: 'line', data: p90(theirs), symbol: 'rect', symbolSize: 8, lineStyle: { width: 3, type: 'dashed' }, itemStyle: { color: COLOURS.amber } },
    ],
  });
  const cell = (figure, row, of) => ({ text: figure.format(figure.value(row)), value: figure.value(row) ?? '', href: legsHref(figure.filter, of), legs: figure.legs(row) });
  const other = { ...compare, allHalls: false };
  return {
    says: [there.legs === 0 ? say('reports.comparisonNone', thereName)
      : say('reports.comparisonSays', hereName, duration(here.wait.p90Seconds), thereName, duration(there.wait.p90Seconds)), ...(notes ?? []).map(nameOf)].join(' '),
    columns: [{ text: say('reports.figure') }, { text: hereName, number: true }, { text: thereName, number: true }, { text: say('reports.difference'), number: true }],
    rows: FIGURES.map(figure => [say(figure.name), cell(figure, here, page.data), cell(figure, there, other), difference(figure.value(here), figure.value(there), figure.format)]),
    isOpen: true,
  };
}

function days({ from, to }) {
  return from === to ? from : say('reports.fromTo', from, to);
}
