// The counter's dialogs: a missed visitor's number, why the window pauses, closing and taking over. Sent with Enter; they stay open and say what is wrong.

import { fill, list, say } from '../page.js';

const $ = id => document.getElementById(id);

export function openDialog(name, desk) {
  const dialog = $(`${name}-dialog`);
  problem(dialog, '');
  if (name === 'return') {
    $('return-number').value = '';
    const recent = desk.now.missed.slice(0, 9);
    $('return-recent').hidden = recent.length === 0;
    list($('return-picks'), $('pick-template'), recent, m => m.ticket, (button, m) => fill(button, { ticket: m.ticket, key: String(recent.indexOf(m) + 1) }));
  }
  if (name === 'take-over') fill(dialog, { who: say('counter.takeOverText', desk.now.occupant) });
  dialog.showModal();
  dialog.querySelector('input:checked, #return-number, [value=ok]')?.focus();
}

/** @param send sends a command: (name, body, onProblem) → whether it was done. */
export function wireDialogs({ send, until }) {
  const bodies = {
    return: () => ({ number: $('return-number').value.trim().toUpperCase() }),
    pause: dialog => ({ reason: dialog.querySelector('[name=pause-reason]:checked').value, until: until(Number(dialog.querySelector('[name=pause-until]:checked').value)) }),
    close: () => undefined,
    'take-over': () => ({}),
  };
  for (const [name, body] of Object.entries(bodies)) {
    const dialog = $(`${name}-dialog`);
    const submit = async () => {
      if (name === 'return' && !bodies.return().number) return problem(dialog, say('counter.returnHint'));
      if (await send(name, body(dialog), words => problem(dialog, words))) dialog.close();
    };
    dialog.querySelector('form').addEventListener('submit', event => {
      event.preventDefault();
      submit();
    });
    for (const button of dialog.querySelectorAll('[data-close]')) button.addEventListener('click', () => dialog.close());
    // What had the focus before is a key that is over: the desk's own keys are next.
    dialog.addEventListener('close', () => document.activeElement?.blur());
  }
  $('return-picks').addEventListener('click', event => {
    const picked = event.target.closest('[data-key]');
    if (picked) pick(picked);
  });
  $('pause-dialog').addEventListener('keydown', event => {
    const radio = /^[1-9]$/.test(event.key) && $('pause-dialog').querySelector(`[data-digit="${event.key}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.focus();
  });
  $('return-number').addEventListener('keydown', event => {
    // A digit alone picks from the list; a number of today begins with its line's letter.
    if (!/^[1-9]$/.test(event.key) || $('return-number').value) return;
    const picked = $('return-picks').children[Number(event.key) - 1];
    if (!picked) return;
    event.preventDefault();
    pick(picked);
  });

  function pick(button) {
    $('return-number').value = button.dataset.key;
    $('return-dialog').querySelector('form').requestSubmit();
  }
}

function problem(dialog, words) {
  fill(dialog, { wrong: words || null });
  dialog.querySelector('input.input')?.setAttribute('aria-invalid', String(Boolean(words)));
}
