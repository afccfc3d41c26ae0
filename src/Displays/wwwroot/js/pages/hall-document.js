// A hall's document: edited or loaded here, checked by the server in its own words, and applied while people wait. What is refused changes nothing, and nothing typed is lost.

import { Written, get, post, put } from '../api.js';
import { fill, list, page, say } from '../page.js';

const $ = id => document.getElementById(id);
const path = `halls/${encodeURIComponent(page.data.hall)}/config`;
const text = $('document');

/** `now`: the document as it stands in the hall, pretty; `checked`: what was checked without a fault. */
let version = null;
let now = '';
let checked = null;
let busy = false;

const KINDS = { '+': 'added', '-': 'removed', '~': 'changed', '>': 'moved' };
const WORDS = { problem: 'kindProblem', warning: 'kindWarning', added: 'kindAdded', removed: 'kindRemoved', changed: 'kindChanged', moved: 'kindMoved' };

async function load() {
  if (!await refresh()) return;
  text.value = now;
  edited();
  document.documentElement.dataset.loaded = '';
}

/** What was checked is no longer what stands there. */
function edited() {
  checked = null;
  $('apply').disabled = true;
  $('reset').disabled = text.value === now;
}

async function check() {
  if (busy) return;
  setBusy(true);
  quiet();
  const asked = text.value;
  const answer = await post(`${path}/check`, new Written(asked));
  setBusy(false);
  if (!answer.ok) return wrong(answer.status === 400 && answer.problem.detail ? answer.problem.detail : answer.problem.sentence);
  show(answer.data);
  const fine = answer.data.problems.length === 0 && answer.data.changes.length > 0;
  checked = fine && asked === text.value ? asked : null;
  $('apply').disabled = checked === null;
  $('result').focus();
}

function show({ problems, changes, warnings }) {
  $('result').hidden = false;
  fill($('result'), {
    title: problems.length > 0 ? say('hallDocument.refused', problems.length) : changes.length > 0 ? say('hallDocument.would', changes.length) : say('hallDocument.same'),
    hint: problems.length > 0 ? say('hallDocument.refusedHint') : changes.length > 0 ? say('hallDocument.wouldHint') : null,
  });
  $('result').className = `card result ${problems.length > 0 ? 'bad' : 'good'}`;
  const rows = [...problems.map(words => ({ kind: 'problem', words })), ...changes.map(line => ({ kind: KINDS[line[0]] ?? 'changed', words: line.slice(2) })), ...warnings.map(words => ({ kind: 'warning', words }))];
  list($('lines'), $('line'), rows.map((row, n) => ({ ...row, n })), row => row.n, (item, row) => {
    fill(item, { kind: say('hallDocument.' + WORDS[row.kind]), words: row.words });
    item.className = `line ${row.kind}`;
  });
}

async function apply() {
  if (busy || checked === null || checked !== text.value) return;
  setBusy(true);
  quiet();
  const asked = checked;
  const answer = await put(path, new Written(asked, version));
  setBusy(false);
  if (!answer.ok) {
    // Somebody was quicker, or needs it since: what it would do now, beside the sentence that says so.
    if (answer.problem.code === 'VersionChanged') await refresh();
    await check();
    return wrong(answer.problem.code === 'VersionChanged' ? say('hallDocument.otherChanged') : answer.problem.sentence);
  }
  // What was typed meanwhile is the next change.
  if (await refresh() && text.value === asked) text.value = now;
  edited();
  $('result').hidden = true;
  $('done').hidden = false;
  fill($('done'), { done: say('hallDocument.applied', answer.data.version.slice(0, 8)) });
  text.focus();
}

/** The version that stands in the hall now; what is typed stays. False where it cannot be had, which is said. */
async function refresh() {
  const answer = await get(path);
  if (!answer.ok) {
    wrong(answer.problem.sentence);
    return false;
  }
  version = answer.version;
  now = JSON.stringify(answer.data, null, 2);
  return true;
}

async function open(file) {
  if (!file) return;
  text.value = await file.text();
  edited();
  quiet();
  await check();
}

function setBusy(on) {
  busy = on;
  for (const id of ['check', 'apply', 'reset']) $(id).toggleAttribute('aria-busy', on);
}

function quiet() {
  $('wrong').hidden = $('done').hidden = true;
}

function wrong(words) {
  $('wrong').hidden = false;
  fill($('wrong'), { wrong: words });
}

text.addEventListener('input', edited);
$('check').addEventListener('click', check);
$('apply').addEventListener('click', apply);
$('reset').addEventListener('click', () => {
  text.value = now;
  edited();
  quiet();
  $('result').hidden = true;
});
$('file').addEventListener('change', event => {
  open(event.target.files[0]);
  event.target.value = '';
});
document.addEventListener('keydown', event => {
  if (!event.ctrlKey && !event.metaKey) return;
  const act = { Enter: check, s: apply }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
addEventListener('beforeunload', event => { if (text.value !== now) event.preventDefault(); });
load();
