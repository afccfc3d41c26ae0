// The figures of a question, from the API; a section's own are asked for at once with the others and waited for where they are shown.

import { get } from '../api.js';
import { page, say } from '../page.js';
import { scope } from './names.js';

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
  const targetSeconds = page.data.targetMinutes * 60;
  const other = compare ? { ...compare, allHalls: false } : null;
  return {
    total: one('waits', page.data, { targetSeconds, distribution: true }),
    hours: read('waits', page.data, { by: 'hour', targetSeconds }),
    halls: read('waits', page.data, { by: 'hall', targetSeconds }),
    rows: read('waits', page.data, { by, targetSeconds }),
    arrivals: read('arrivals', page.data, { by: 'weekday' }),
    ratings: one('ratings', page.data),
    windows: read('windows', page.data, { by: 'window' }),
    staff: read('staff', page.data, { by: 'staff' }),
    flags: read('flags', page.data),
    otherTotal: other && one('waits', other, { targetSeconds }),
    otherHours: other && read('waits', other, { by: 'hour', targetSeconds }),
  };
}

async function one(name, of, more) {
  const [row] = await read(name, of, more);
  return row;
}

async function read(name, of, more = {}) {
  return data(await get(`metrics/${name}?` + new URLSearchParams({ ...scope(of), ...more })));
}

/** The data of an answer. */
export function data(answer) {
  if (answer.ok) return answer.data;
  const { code, field, sentence } = answer.problem;
  if (code === 'Offline') throw new NoFigures(say('reports.away'));
  // The page asks for nothing that is wrong in itself: what is refused about days is that there are too many.
  throw new NoFigures(code === 'BadField' && field === 'to' ? say('reports.tooMuch') : sentence);
}
