// The figures of a question, from the API; a section's own are asked for at once with the others and waited for where they are shown.

import { get } from '../api.js';
import { page, say } from '../page.js';
import { learn, scope } from './names.js';

/** Thrown where figures cannot be had: `sentence` says why, in the page's language. */
export class NoFigures extends Error {
  constructor(sentence) {
    super(sentence);
    this.sentence = sentence;
  }
}

/** Promises of everything the report shows, by name. Rows are as docs/reports.md has them. */
export function ask() {
  const { by, compare } = page.data;
  // Of none, each wait is measured by its line.
  const measure = page.data.targetMinutes === null ? {} : { targetSeconds: page.data.targetMinutes * 60 };
  const other = compare ? { ...compare, allHalls: false } : null;
  const beside = !compare ? {} : compare.isDays ? { compare: `${compare.from}..${compare.to}` } : { compareHalls: compare.halls.join(',') };
  return {
    total: one('waits', page.data, { ...measure, ...beside, distribution: true }),
    hours: read('waits', page.data, { by: 'hour', ...measure }),
    halls: read('waits', page.data, { by: 'hall', ...measure }),
    rows: read('waits', page.data, { by, ...measure }),
    arrivals: read('arrivals', page.data, { by: 'weekday' }),
    ratings: one('ratings', page.data),
    windows: read('windows', page.data, { by: 'window' }),
    staff: read('staff', page.data, { by: 'staff' }),
    flags: read('flags', page.data),
    otherHours: other && read('waits', other, { by: 'hour', ...measure }),
  };
}

async function one(name, of, more) {
  const [row] = await read(name, of, more);
  return row;
}

async function read(name, of, more = {}) {
  const rows = data(await get(`metrics/${name}?` + new URLSearchParams({ ...scope(of), ...more })));
  await learn(name === 'flags' ? 'staff' : more.by, rows);
  return rows;
}

/** The data of an answer. */
export function data(answer) {
  if (answer.ok) return answer.data;
  const { code, field, sentence } = answer.problem;
  if (code === 'Offline') throw new NoFigures(say('reports.away'));
  // The page asks for nothing that is wrong in itself: what is refused about days is that there are too many.
  throw new NoFigures(code === 'BadField' && field === 'to' ? say('reports.tooMuch') : sentence);
}
