// The counter's dialogs: who is back, where a visitor is passed on to, why the window pauses, closing and taking over. Sent with Enter; they stay open and say what is wrong.

import { clockTime, fill, list, say } from '../page.js';
import { chosenTarget, openTransfer, transferBody, wireTransfer } from './counter-transfer.js';
import { awayFor } from './counter-view.js';

const $ = id => document.getElementById(id);

export function openDialog(name, desk) {
  const dialog = $(`${name}-dialog`);
  problem(dialog, '');
  if (name === 'back') {
    $('back-number').value = '';
    const held = desk.now.held.slice(0, 9);
    const recent = desk.now.missed.slice(0, 9 - held.length);
    $('back-held').hidden = held.length === 0;
    $('back-recent').hidden = recent.length === 0;
    list($('held-picks'), $('pick-template'), held, t => t.ticket, (button, t) => fill(button, { ticket: t.ticket, key: String(held.indexOf(t) + 1), ago: awayFor(t) }));
    list($('back-picks'), $('pick-template'), recent, m => m.ticket, (button, m) => fill(button, { ticket: m.ticket, key: String(held.length + recent.indexOf(m) + 1), ago: clockTime(m.missedAt) }));
  }
  if (name === 'transfer') openTransfer(desk.state);
  if (name === 'take-over') fill(dialog, { who: say('counter.takeOverText', desk.now.occupant) });
  dialog.showModal();
  dialog.querySelector('input.input, input:checked, [value=ok]')?.focus();
}

/** @param send sends a command: (name, body, onProblem) → whether it was done. */
export function wireDialogs({ send, until }) {
  const bodies = {
    back: () => ({ number: $('back-number').value.trim().toUpperCase() }),
    pause: dialog => ({ reason: dialog.querySelector('[name=pause-reason]:checked').value, until: until(Number(dialog.querySelector('[name=pause-until]:checked').value)) }),
    close: () => undefined,
    'take-over': () => ({}),
    transfer: transferBody,
  };
  const lacking = {
    back: () => bodies.back().number ? null : say('counter.returnHint'),
    transfer: () => chosenTarget() ? null : say('counter.transferNeeded'),
  };
  for (const [name, body] of Object.entries(bodies)) {
    const dialog = $(`${name}-dialog`);
    const submit = async () => {
      const lacks = lacking[name]?.();
      if (lacks) return problem(dialog, lacks);
      if (await send(name, body(dialog), words => problem(dialog, words))) dialog.close();
    };
    dialog.querySelector('form').addEventListener('submit', event => {
      event.preventDefault();
      submit();
    });
    for (const button of dialog.querySelectorAll('[data-close]')) button.addEventListener('click', () => dialog.close());
    // What was wrong is of what stood there before.
    dialog.addEventListener('input', () => problem(dialog, ''));
    // What had the focus before is a key that is over: the desk's own keys are next. The browser says this later, when a quick clerk may have the next dialog open.
    dialog.addEventListener('close', () => document.querySelector('dialog[open]') ?? document.activeElement?.blur());
  }
  for (const id of ['held-picks', 'back-picks']) $(id).addEventListener('click', event => {
    const picked = event.target.closest('[data-key]');
    if (picked) pick(picked);
  });
  wireTransfer();
  $('pause-dialog').addEventListener('keydown', event => {
    const radio = /^[1-9]$/.test(event.key) && $('pause-dialog').querySelector(`[data-digit="${event.key}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.focus();
  });
  $('back-number').addEventListener('keydown', event => {
    // A digit alone picks from the list; a number of today begins with its line's letter.
    if (!/^[1-9]$/.test(event.key) || $('back-number').value) return;
    const picked = [...$('held-picks').children, ...$('back-picks').children][Number(event.key) - 1];
    if (!picked) return;
    event.preventDefault();
    pick(picked);
  });

  function pick(button) {
    $('back-number').value = button.dataset.key;
    $('back-dialog').querySelector('form').requestSubmit();
  }
}

function problem(dialog, words) {
  fill(dialog, { wrong: words || null });
  dialog.querySelector('input.input')?.setAttribute('aria-invalid', String(Boolean(words)));
}
