// What somebody should look at, with the way to it: a question, never a verdict.

import { clockTime, say } from '../page.js';
import { duration } from './format.js';
import { hallName, keyName, legsHref, visitHref } from './names.js';

const KINDS = { burstOfCalls: 'reports.burstOfCalls', quickFinish: 'reports.quickFinish', longIdle: 'reports.longIdle' };

/** Told for each kind, so that one of them does not fill the page: the rest is in the file. */
const MOST = 50;

export async function flags({ flags }) {
  const all = await flags;
  const told = flag => flag.kind === 'quickFinish' ? say('reports.quickFinishTold', duration(flag.seconds), duration(flag.typicalSeconds))
    : flag.kind === 'burstOfCalls' ? say('reports.burstOfCallsTold', flag.legs.length, duration(flag.seconds)) : say('reports.longIdleTold', duration(flag.seconds));
  const rows = all.map(flag => [
    { text: say(KINDS[flag.kind]), value: flag.kind },
    { text: `${flag.from.slice(0, 10)} ${clockTime(flag.from)}`, value: flag.from },
    hallName(flag.hall),
    { text: keyName('window', flag.window, null), value: flag.window, href: hrefOf(flag) },
    { text: flag.staff ? keyName('staff', flag.staff, flag.hall) : '–', value: flag.staff ?? '' },
    told(flag),
  ]);
  return {
    says: all.length === 0 ? say('reports.flagsNone') : rows.length > MOST ? say('reports.flagsSaysSome', all.length, MOST) : say('reports.flagsSays', all.length),
    columns: ['reports.flag', 'reports.eventAt', 'reports.hall', 'reports.window', 'reports.staff', 'reports.details'].map(key => ({ text: say(key) })),
    rows, most: MOST, isOpen: true,
  };
}

// One visit is looked at itself; of several, the window's that day.
function hrefOf(flag) {
  if (flag.legs.length === 1) return visitHref(flag.hall, flag.legs[0].id);
  const day = flag.from.slice(0, 10);
  return legsHref({ halls: flag.hall, from: day, to: day, window: flag.window });
}
