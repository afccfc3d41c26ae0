// Where a visitor is passed on to: one field finds services, lines and open windows.

import { findServices } from '../find.js';
import { fill, list, nameOf, page, say } from '../page.js';

const $ = id => document.getElementById(id);

/** As many as stand in the dialog without scrolling on a small screen. */
const SHOWN = 6;

let hall = null;
let found = [];
let at = 0;

/** The target picked out: `body` for the command, `words` for people; null for none. */
export function chosenTarget() {
  return found[at] ?? null;
}

export function transferBody() {
  return { ...chosenTarget().body, keepPlace: $('keep-place').checked, returnHere: $('return-here').checked };
}

/** @param state the floor's picture, as it is when the key is pressed: nothing moves under a quick finger. */
export function openTransfer(state) {
  hall = state;
  $('transfer-to').value = '';
  [$('keep-place').checked, $('return-here').checked] = [true, false];
  search();
}

export function wireTransfer() {
  const box = $('transfer-to');
  box.addEventListener('input', search);
  box.addEventListener('keydown', event => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || found.length === 0) return;
    event.preventDefault();
    at = (at + by + found.length) % found.length;
    draw();
  });
  $('targets').addEventListener('click', event => {
    const row = event.target.closest('[data-key]');
    if (!row) return;
    at = found.findIndex(target => target.key === row.dataset.key);
    draw();
    box.focus();
  });
  $('transfer-dialog').addEventListener('keydown', event => {
    const option = { F2: 'keep-place', F3: 'return-here' }[event.key];
    if (!option) return;
    event.preventDefault();
    $(option).checked = !$(option).checked;
  });
}

function search() {
  const typed = $('transfer-to').value.trim().toLowerCase();
  found = [...windowsOf(typed), ...linesOf(typed), ...findServices(page.data.services, typed).map(service)].slice(0, SHOWN);
  at = 0;
  draw();
}

/** With nothing typed those that are open, the free ones first: whoever is passed on by hand is mostly sent next door. */
function windowsOf(typed) {
  const named = w => w.window.toLowerCase() === typed;
  const open = hall.windows.filter(w => w.window !== page.data.window && !['closed', 'paused'].includes(w.state));
  const wanted = typed ? open.filter(w => named(w) || names(w.name).some(name => name.includes(typed))).sort((a, b) => named(b) - named(a)) : open.sort((a, b) => (b.state === 'idle') - (a.state === 'idle'));
  return wanted.map(w => ({
    key: `window ${w.window}`, kind: say('counter.kindWindow'), name: [say('common.windowNumber', w.window), nameOf(w.name)].filter(Boolean).join(' '), more: say('common.' + w.state),
    words: say('common.windowNumber', w.window), body: { window: w.window },
  }));
}

function linesOf(typed) {
  return typed === '' ? [] : hall.lines.filter(l => l.prefix.toLowerCase() === typed || names(l.name).some(name => name.includes(typed))).map(l => ({
    key: `line ${l.line}`, kind: say('counter.kindLine'), name: `${l.prefix} ${nameOf(l.name)}`, more: say('common.peopleWaiting', l.waiting), words: nameOf(l.name), body: { line: l.line },
  }));
}

function service(one) {
  const line = hall.lines.find(l => l.line === one.line);
  return { key: `service ${one.service}`, kind: say('counter.kindService'), name: nameOf(one.name), more: line ? say('common.peopleWaiting', line.waiting) : null, words: nameOf(one.name), body: { service: one.service } };
}

function names(name) {
  return name ? Object.values(name).filter(Boolean).map(text => text.toLowerCase()) : [];
}

function draw() {
  list($('targets'), $('target-template'), found, target => target.key, (row, target) => {
    fill(row, { kind: target.kind, name: target.name, more: target.more });
    row.id = 'target-' + target.key.replace(/\W/g, '-');
    row.setAttribute('aria-selected', String(found[at] === target));
  });
  if (found[at]) $('transfer-to').setAttribute('aria-activedescendant', 'target-' + found[at].key.replace(/\W/g, '-'));
  else $('transfer-to').removeAttribute('aria-activedescendant');
  $('no-target').hidden = found.length > 0 || $('transfer-to').value.trim() === '';
  $('targets').hidden = found.length === 0;
}
