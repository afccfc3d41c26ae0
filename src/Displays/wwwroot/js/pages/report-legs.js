// The services behind a figure, a page of them at a time.

import { get } from '../api.js';
import { clockTime, fill, page, say } from '../page.js';
import { count, duration } from '../reports/format.js';
import { FINISHES, GRADES, OUTCOMES, hallName, keyName, learn, legsHref, scope, visitHref, wordOf } from '../reports/names.js';
import { data } from '../reports/wire.js';

const $ = id => document.getElementById(id);
const LIMIT = 100;
const { columns, filter } = page.data;

let shown = 0;
let next = null;

async function more() {
  $('more').disabled = true;
  try {
    const { legs, next: after } = data(await get('legs?' + new URLSearchParams({ ...scope(), ...filter, limit: LIMIT, ...(next ? { after: next } : {}) })));
    await learn('staff', legs);
    [shown, next] = [shown + legs.length, after ?? null];
    const [first] = $('legs').querySelector('tbody').children.length > 0 ? legs : [];
    $('legs').querySelector('tbody').append(...legs.map(row));
    $('legs').hidden = $('csv').hidden = shown === 0;
    $('more').hidden = !next;
    $('count').textContent = shown === 0 ? say('reports.legsNone') : say(next ? 'reports.legsShown' : 'reports.legsAll', count(shown));
    // Reading goes on where the new ones begin.
    if (first) document.querySelector(`[data-leg="${first.id}/${first.leg}"] a`)?.focus();
  } catch (error) {
    $('wrong').hidden = false;
    fill($('wrong'), { wrong: error.sentence ?? say('problem.Unexpected') });
    $('count').textContent = '';
    if (!error.sentence) throw error;
  } finally {
    $('more').disabled = false;
  }
}

function row(leg) {
  const line = document.createElement('tr');
  line.dataset.leg = `${leg.id}/${leg.leg}`;
  const head = document.createElement('th');
  head.scope = 'row';
  const link = document.createElement('a');
  link.href = visitHref(leg.hall, leg.id);
  link.textContent = leg.number;
  head.append(link);
  const outcome = leg.finishOutcome ? `${wordOf(OUTCOMES, leg.outcome)} · ${wordOf(FINISHES, leg.finishOutcome)}` : wordOf(OUTCOMES, leg.outcome);
  line.append(head,
    ...(columns.day ? [cell(leg.day)] : []), ...(columns.hall ? [cell(hallName(leg.hall), 'r-words')] : []), cell(keyName('service', leg.service), 'r-words'), cell(clockTime(leg.joinedAt ?? leg.issuedAt)), cell(clockTime(leg.calledAt)),
    cell(duration(leg.waitSeconds)), cell(duration(leg.serviceSeconds)), cell(leg.window ? say('common.windowNumber', leg.window) : ''), cell(leg.staff ? keyName('person', leg.staff, leg.hall) : ''),
    cell(outcome, 'r-words'), cell(leg.grade ? wordOf(GRADES, leg.grade) : '', 'r-words'));
  return line;
}

/** `kind`: `r-words` for what may take two lines. */
function cell(text, kind = '') {
  const made = document.createElement('td');
  made.className = kind;
  made.textContent = text || '–';
  return made;
}

const hall = page.data.halls.length === 1 ? page.data.halls[0] : null;
$('filters').replaceChildren(...Object.entries(filter).map(([field, value]) => {
  const item = document.createElement('li');
  const link = document.createElement('a');
  const text = say('reports.onlyOf', say('reports.' + field), keyName(field, value, hall));
  link.href = legsHref(Object.fromEntries(Object.entries(filter).filter(([other]) => other !== field)));
  link.textContent = `${text} ✕`;
  link.setAttribute('aria-label', say('reports.without', text));
  item.append(link);
  return item;
}));

$('csv').href = '/api/v1/legs.csv?' + new URLSearchParams({ ...scope(), ...filter });
$('more').addEventListener('click', more);
if (page.data.wrong) $('count').textContent = '';
else await more();
document.documentElement.dataset.loaded = '';
