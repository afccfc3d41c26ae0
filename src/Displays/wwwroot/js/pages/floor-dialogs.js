// The floor's dialogs: a window and its lines, opening, pausing, closing, calling out of order, suspending. They stay open and say what is wrong.

import { localDay, momentOf } from '../clock.js';
import { WINDOW_STATES, fill, list, nameOf, page, say, setState, setText } from '../page.js';
import { clerkOf, howWords, serviceName, servicesOf, sinceWords, untilTime } from './floor-view.js';

const $ = id => document.getElementById(id);

/** What the open dialog is about: {window} or {line}. One dialog is open at a time. */
let about = null;
let opened = 0;

/** @param name `window`, `lines`, `open`, `pause`, `close`, `call`, `suspend` or `notice`. */
export function openDialog(name, floor, subject) {
  about = { ...subject, intent: `dialog ${++opened}` };
  const dialog = $(`${name}-dialog`);
  clear(dialog);
  const first = prepare[name](floor, floor.now.byWindow.get(subject.window), dialog);
  dialog.showModal();
  (first ?? dialog.querySelector('input:checked, input, select, [type=submit]'))?.focus();
}

const prepare = {
  window(_, w, dialog) {
    title(dialog, say('common.windowNumber', w.window));
    setState(dialog.querySelector('[data-chip]'), w.state, WINDOW_STATES);
    fill(dialog, { state: say('common.' + w.state), now: [nameOf(w.name), clerkOf(w) || say('floor.noClerk'), w.ticket, sinceWords(w)].filter(Boolean).join(' · ') });
    const shown = { lines: true, open: w.state === 'closed', pause: w.state === 'idle', resume: w.state === 'paused', call: w.state === 'idle', close: w.state === 'idle' || w.state === 'paused' };
    for (const [action, on] of Object.entries(shown)) dialog.querySelector(`[data-do=${action}]`).hidden = !on;
    return dialog.querySelector('[data-do]:not([hidden])');
  },

  lines(floor, w, dialog) {
    title(dialog, say('floor.editTitle', w.window));
    const served = new Map(w.seat.profile.map(p => [p.line, p]));
    // Those it serves first, in the profile's order: what a manager looks for is there at once.
    const rows = [...w.seat.profile.map(p => floor.now.byLine.get(p.line)).filter(Boolean), ...floor.now.lines.filter(l => !served.has(l.line))];
    list($('profile'), $('profile-template'), rows, l => l.line, (row, l) => {
      const p = served.get(l.line);
      const [box, minutes] = row.querySelectorAll('input');
      fill(row, { prefix: l.prefix, line: nameOf(l.name), only: p?.onlyAfterWaitMinutes ? howWords(p) : null });
      box.checked = Boolean(p);
      minutes.value = p?.afterMinutes ?? 0;
      minutes.hidden = !p;
      minutes.setAttribute('aria-label', say('floor.afterOf', nameOf(l.name)));
    });
  },

  open(floor, w, dialog) {
    title(dialog, say('floor.openTitle', w.window));
    const seated = new Set(floor.now.windows.map(x => x.seat.staff).filter(Boolean));
    const free = page.data.staff.filter(s => !seated.has(s.staff));
    $('open-staff').replaceChildren(...free.map(s => new Option([nameOf(s.name), s.number].filter(Boolean).join(' · '), s.staff)), new Option(say('floor.openSelf'), ''));
  },

  pause(_, w, dialog) {
    title(dialog, say('floor.pauseTitle', w.window));
  },

  close(_, w, dialog) {
    title(dialog, say('floor.closeTitle', w.window));
    fill(dialog, { text: say('floor.closeText', clerkOf(w) || say('floor.closeSeat')) });
    return dialog.querySelector('[type=submit]');
  },

  call(floor, w, dialog) {
    title(dialog, say('floor.callTitle', w.window));
    for (const id of ['call-number', 'call-reason']) $(id).value = '';
    const own = new Set(w.seat.profile.map(p => p.line));
    const first = callable(floor.now).sort((a, b) => own.has(b.line) - own.has(a.line)).flatMap(n => n.tickets).slice(0, 9);
    $('call-first').hidden = first.length === 0;
    list($('call-picks'), $('pick-template'), first, t => t, (button, ticket) => fill(button, { ticket }));
  },

  suspend(_, __, dialog) {
    const { line } = about;
    title(dialog, line ? say('floor.suspendTitle', nameOf(line.name)) : say('floor.suspendHallTitle'));
    $('suspend-what-field').hidden = !line;
    if (line) $('suspend-what').replaceChildren(new Option(say('floor.wholeLine'), ''), ...servicesOf(line.line).filter(s => !line.services.some(x => x.service === s.service)).map(s => new Option(nameOf(s.name), s.service)));
    $('suspend-reason').value = '';
    return line ? $('suspend-what') : $('suspend-reason');
  },

  notice(_, __, dialog) {
    dialog.querySelector('form').reset();
    $('notice-at-field').hidden = true;
    return $('notice-zh');
  },
};

/** Who comes next in each line, without whom a suspension keeps from being called. */
function callable({ state, byLine }) {
  if (state.suspended) return [];
  const stopped = new Set(state.suspendedServices.map(s => s.service));
  const serviceOf = new Map(state.tickets.map(t => [t.ticket, t.service]));
  return state.next.filter(n => !byLine.get(n.line)?.suspended).map(n => ({ ...n, tickets: n.tickets.filter(t => !stopped.has(serviceOf.get(t))) }));
}

export function wireDialogs({ floor, send, setProfile, act, letterOf, base, windowPath, until }) {
  const checked = name => document.querySelector(`[name=${name}]:checked`).value;
  const command = (name, body, done, wrong) => send(`${name} ${about.window}`, windowPath(about.window, name), body, { about: about.window, intent: about.intent, wrong, done });

  /** What Enter does in each; true closes the dialog. */
  const submits = {
    window: () => true,
    lines(wrong) {
      const known = new Map(floor.now.byWindow.get(about.window).seat.profile.map(p => [p.line, p]));
      const rows = [...$('profile').children].filter(row => row.querySelector('[type=checkbox]').checked);
      if (rows.length === 0) return wrong(say('floor.editOne'));
      const bad = rows.map(row => row.querySelector('.minutes')).find(input => !input.checkValidity() || input.value === '');
      if (bad) return wrong(say('floor.editMinutes'), null, bad);
      const profile = rows.map(row => ({ line: row.dataset.key, afterMinutes: Number(row.querySelector('.minutes').value), onlyAfterWaitMinutes: known.get(row.dataset.key)?.onlyAfterWaitMinutes ?? 0 }));
      return setProfile(about.window, profile, say('floor.doneSaved', about.window), wrong);
    },
    open: wrong => command('open', $('open-staff').value ? { staff: $('open-staff').value } : {}, () => say('floor.doneOpened', about.window),
      (words, problem) => wrong(problem?.code === 'AlreadyAtWindow' ? say($('open-staff').value ? 'floor.staffAt' : 'floor.selfAt', problem.window) : words)),
    pause: wrong => command('pause', { reason: checked('pause-reason'), until: until(Number(checked('pause-until'))) }, () => say('floor.donePaused', about.window), wrong),
    close: wrong => command('close', undefined, () => say('floor.doneClosed', about.window), wrong),
    call(wrong) {
      const [number, reason] = [$('call-number').value.trim().toUpperCase(), $('call-reason').value.trim()];
      if (!number) return wrong(say('floor.numberNeeded'), null, $('call-number'));
      if (!reason) return wrong(say('floor.reasonNeeded'), null, $('call-reason'));
      return command('call', { number, reason }, data => say('floor.doneCalled', about.window, data.number), words => wrong(words, null, $('call-number')));
    },
    suspend(wrong) {
      const [line, service, reason] = [about.line?.line, about.line ? $('suspend-what').value : '', $('suspend-reason').value.trim()];
      if (!reason) return wrong(say('floor.reasonNeeded'), null, $('suspend-reason'));
      const what = service ? { services: [service] } : line ? { lines: [line] } : {};
      const name = service ? serviceName(service) : line ? nameOf(about.line.name) : say('floor.hall');
      return send(`suspend ${service || line || 'hall'}`, `${base}/suspend`, { ...what, reason, until: until(Number(checked('suspend-until'))) }, { intent: about.intent, wrong, done: () => say('floor.doneSuspended', name) });
    },
    notice(wrong) {
      const [text, en, zone, ends] = [$('notice-zh').value.trim(), $('notice-en').value.trim(), $('notice-zone').value, checked('notice-until')];
      if (!text) return wrong(say('floor.noticeNeeded'), null, $('notice-zh'));
      if (ends === 'at' && !$('notice-at').value) return wrong(say('floor.noticeAtNeeded'), null, $('notice-at'));
      // Worked out once for an open dialog: the same press after silence is the same request.
      const end = ends === 'at' ? momentOf($('notice-at').value) : ends === 'day' ? momentOf(`${localDay(1)}T00:00`) : about.ends?.[ends] ?? until(Number(ends));
      about.ends = { ...about.ends, [ends]: end };
      return send('notice', `${base}/notices`, { text, en: en || null, zone: zone || null, until: end }, {
        intent: about.intent, done: data => say('floor.donePosted', untilTime(data.until)),
        wrong: (words, problem) => wrong(words, null, problem?.code === 'NoticeOver' && ends === 'at' ? $('notice-at') : null),
      });
    },
  };

  for (const [name, submit] of Object.entries(submits)) {
    const dialog = $(`${name}-dialog`);
    dialog.querySelector('form').addEventListener('submit', async event => {
      event.preventDefault();
      if (await submit((words, _, field) => problem(dialog, words, field))) dialog.close();
    });
    for (const button of dialog.querySelectorAll('[data-close]')) button.addEventListener('click', () => dialog.close());
  }

  $('window-dialog').addEventListener('click', event => {
    const button = event.target.closest('[data-do]');
    if (button) act(button.dataset.do, about.window, words => problem($('window-dialog'), words));
  });
  $('window-dialog').addEventListener('keydown', event => {
    const button = !event.ctrlKey && !event.altKey && !event.metaKey && [...document.querySelectorAll('[data-do]:not([hidden])')].find(b => b.querySelector('.key').textContent.toLowerCase() === letterOf(event));
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  $('pause-dialog').addEventListener('keydown', event => {
    const radio = /^[1-9]$/.test(event.key) && $('pause-dialog').querySelector(`[data-digit="${event.key}"]`);
    if (!radio) return;
    radio.checked = true;
    radio.focus();
  });
  $('profile').addEventListener('change', event => {
    if (event.target.type !== 'checkbox') return;
    event.target.closest('li').querySelector('.minutes').hidden = !event.target.checked;
    problem($('lines-dialog'), '');
  });
  $('profile').addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.type !== 'checkbox') return;
    event.preventDefault();
    const boxes = [...$('profile').querySelectorAll('[type=checkbox]')];
    boxes[boxes.indexOf(event.target) + step]?.focus();
  });
  $('call-picks').addEventListener('click', event => {
    const ticket = event.target.closest('[data-key]')?.dataset.key;
    if (!ticket) return;
    $('call-number').value = ticket;
    $('call-reason').focus();
  });
  $('notice-dialog').addEventListener('change', event => {
    if (event.target.name !== 'notice-until') return;
    $('notice-at-field').hidden = event.target.value !== 'at';
    problem($('notice-dialog'), '');
  });
  // Enter makes a new line in a text.
  $('notice-dialog').addEventListener('keydown', event => {
    if (event.key !== 'Enter' || !event.ctrlKey) return;
    event.preventDefault();
    event.currentTarget.querySelector('form').requestSubmit();
  });
  $('suspend-picks').addEventListener('click', event => {
    const picked = event.target.closest('[data-reason]');
    if (!picked) return;
    // The reason is read by visitors on the boards, whose first language is Chinese, whatever the manager's page speaks.
    $('suspend-reason').value = picked.dataset.reason;
    $('suspend-reason').focus();
  });
}

function title(dialog, words) {
  setText(dialog.querySelector('h2'), words);
}

/** Says what is wrong in a dialog: under the field that caused it, or at its end. */
function problem(dialog, words, field = null) {
  clear(dialog);
  if (!words) return;
  const place = field && $(`${field.id}-wrong`) || dialog.querySelector('[data-slot=problem]');
  place.hidden = false;
  setText(place, words);
  field?.setAttribute('aria-invalid', 'true');
  field?.focus();
}

function clear(dialog) {
  for (const place of dialog.querySelectorAll('.wrong')) place.hidden = true;
  for (const input of dialog.querySelectorAll('[aria-invalid]')) input.setAttribute('aria-invalid', 'false');
}
