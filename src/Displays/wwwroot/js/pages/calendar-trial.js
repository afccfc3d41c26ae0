// What saving would do, before it is saved: what is wrong and where, gaps that come and go, and who is booked for a time at which nobody would be there.

import { list, say } from '../page.js';
import { dayName, gapSentences, icon, make, serviceName, word } from './calendar-words.js';
import { placeWords } from './calendar-lists.js';

const $ = id => document.getElementById(id);

/** @param problems the server's words, each with the path of its field. @param trial null where the draft is wrong. */
export function paintTrial({ problems, trial, touched }) {
  $('trial-lead').textContent = problems.length > 0 ? word('leadWrong') : !touched ? word('leadSame') : trial.gapsAppear.length + trial.gapsGo.length + trial.appointments.length > 0 ? word('leadChanges') : word('leadFine');
  part('problems', problems.map(problemLine));
  part('appear', trial ? byDay(trial.gapsAppear, 'alert') : []);
  part('go', trial ? byDay(trial.gapsGo, 'check') : []);
  part('standing', trial ? byDay(trial.coverage.flatMap(day => day.gaps).filter(gap => !trial.gapsAppear.some(a => a.service === gap.service && a.from === gap.from)), 'alert') : []);
  part('notes', trial ? trial.warnings.map(note) : []);
  const appointments = trial?.appointments ?? [];
  $('affected').hidden = appointments.length === 0;
  $('affected-count').textContent = say('calendar.affectedCount', appointments.length);
  list($('affected-rows'), $('affected-row'), appointments, a => a.code, (row, a) => {
    const cells = row.children;
    cells[0].textContent = `${dayName(a.slot)} ${a.slot.slice(11, 16)}`;
    cells[1].textContent = serviceName(a.service);
    cells[2].textContent = a.code;
    cells[3].textContent = a.phoneEnd ? say('calendar.phoneEnds', a.phoneEnd) : word('noPhone');
  });
}

/** The compiler's words; what comes every autumn is said in the page's own. */
function note(text) {
  const year = /^(\d{4}): holidays not announced yet/.exec(text)?.[1];
  return year ? make('li', 'line', say('calendar.yearAssumed', year)) : make('li', 'line', text, { lang: 'en' });
}

function part(id, lines) {
  $(id).hidden = lines.length === 0;
  $(id).querySelector('ul').replaceChildren(...lines);
}

function byDay(gaps, sign) {
  const days = Map.groupBy(gaps, gap => gap.from.slice(0, 10));
  return [...days].flatMap(([date, list]) => gapSentences(list, date).map(gap => {
    const line = make('li', 'line');
    line.append(icon(sign), make('span', '', `${dayName(date)} ${gap.text}`));
    return line;
  }));
}

function problemLine(text) {
  const at = text.indexOf(': ');
  const place = at > 0 ? placeWords(text.slice(0, at)) : null;
  const line = make('li', 'line');
  const words = make('span');
  if (place) words.append(make('strong', '', place), ' ');
  // The server's words, as the command line prints them.
  words.append(make('span', '', place ? text.slice(at + 2) : text, { lang: 'en' }));
  line.append(icon('alert'), words);
  return line;
}
