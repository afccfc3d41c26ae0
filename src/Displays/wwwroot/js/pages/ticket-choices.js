// What somebody may do whose matter is suspended, or whom nobody serves any more today: wait on, come at another time, go to another hall. And the appointment that was made of it, kept on this phone.

import { get } from '../api.js';
import { dayOf, dayWords, nextDay, when } from '../dates.js';
import { aboutWait } from '../estimate.js';
import { clockTime, fill, list, nameOf, page, say } from '../page.js';

const $ = id => document.getElementById(id);

/** The next free ones: to choose among more is to leaf. */
const SLOTS = 4;

/** Days looked through for them: as far ahead as halls commonly take appointments. */
const DAYS = 7;

/** States in which one may still wait or go. */
const OPEN = ['issued', 'waiting', 'away', 'missed', 'held'];

export class Choices {
  #token;
  #act;
  #shown = null;
  #today = null;
  #appointment = null;
  #over = false;
  #busy = false;

  /** @param act sends a command and says what becomes of it: (path, button, body) → the answer, with its problem told already. */
  constructor(token, act) {
    [this.#token, this.#act] = [token, act];
    $('slots').addEventListener('click', event => {
      const button = event.target.closest('[data-key]');
      if (button) this.#book(button, button.dataset.key);
    });
    $('book-first').addEventListener('click', () => this.#book($('book-first'), $('book-first').dataset.slot));
    $('appointment-cancel').addEventListener('click', () => this.#cancel());
    this.#appointment = this.#kept();
    this.#showAppointment();
  }

  /** @param today the hall's date; null where it is not known yet. */
  paint(ticket, service, today) {
    const over = ticket.instead ?? null;
    const open = over !== null || (Boolean(ticket.suspended) && OPEN.includes(ticket.state));
    $('choices').hidden = !open;
    // One that is over need not be cancelled.
    this.#over = over !== null;
    if (!open) {
      this.#shown = null;
      return;
    }
    const [first, again] = ['appointment', 'session'].map(kind => over?.find(other => other.kind === kind)?.at ?? null);
    fill($('choices'), {
      title: over ? say('ticket.overTitle') : ticket.suspended.until ? say('ticket.suspendedUntil', clockTime(ticket.suspended.until)) : say('ticket.suspended'),
      reason: over ? null : ticket.suspended.reason ?? null,
      first: first ? say('ticket.bookFirst', when(first, today)) : null,
      again: again ? say('ticket.comeAgain', when(again, today)) : null,
    });
    $('keep-waiting').hidden = over !== null;
    $('book-first').dataset.slot = first ?? '';
    // Asked once a suspension: a line that moves asks nothing anew.
    const of = JSON.stringify([ticket.hall, service, over ? { until: first, over: true } : ticket.suspended]);
    if (this.#shown !== of) {
      this.#shown = of;
      if (!over || first) this.#offerSlots(of);
      this.#offerHalls(ticket.hall, service, of);
    }
    this.#showAppointment();
  }

  async #offerSlots(of) {
    const [hall, service, { until, over }] = JSON.parse(of);
    const board = await get(`halls/${encodeURIComponent(hall)}/board`);
    if (!board.ok || this.#shown !== of) return;
    this.#today = dayOf(board.data.asOf);
    const found = [];
    // Not while nothing is done; where nobody knows how long, not today.
    for (let n = until ? 0 : 1; n < DAYS && found.length < SLOTS; n++) {
      const answer = await get(`halls/${encodeURIComponent(hall)}/slots?service=${encodeURIComponent(service)}&date=${nextDay(this.#today, n)}`);
      if (this.#shown !== of) return;
      if (!answer.ok) break;
      // The first one that is left to whom the day is over for has a button of its own.
      found.push(...answer.data.filter(slot => slot.free > 0 && !(new Date(slot.slot) < new Date(until ?? 0)) && !(over && slot.slot === until)));
    }
    list($('slots'), $('slot'), found.slice(0, SLOTS), slot => slot.slot, (button, slot) => fill(button, { slot: this.#words(slot.slot) }));
    // Who has one has chosen; another is for after that is given up.
    $('other-time').hidden = this.#appointment !== null || found.length === 0;
  }

  async #offerHalls(hall, service, of) {
    const answer = await get(`halls/${encodeURIComponent(hall)}/elsewhere?service=${encodeURIComponent(service)}`);
    if (!answer.ok || this.#shown !== of) return;
    list($('other-halls-list'), $('other-hall'), answer.data, other => other.hall, (item, other) => fill(item, {
      name: nameOf(other.name), wait: [say('ticket.hallWaiting', other.waiting), aboutWait('common.aboutMinutes', other.estimate)?.[page.lang]].filter(Boolean).join(' · '),
    }));
    $('other-halls').hidden = answer.data.length === 0;
  }

  async #book(button, slot) {
    if (this.#busy) return;
    this.#busy = true;
    // The suspension may be over by the answer, and with it what is shown.
    const [shown, [hall]] = [this.#shown, JSON.parse(this.#shown)];
    const answer = await this.#act(`tickets/${encodeURIComponent(this.#token)}/appointment`, button, { slot });
    if (answer.ok) {
      this.#keep({ ...answer.data, hall });
      $('appointment').scrollIntoView({ block: 'nearest' });
    } else if (['SlotFull', 'SlotClosed'].includes(answer.problem.code)) {
      // Somebody was quicker: what is left now.
      this.#offerSlots(shown);
    }
    this.#busy = false;
  }

  async #cancel() {
    const { hall, code } = this.#appointment;
    const answer = await this.#act(`halls/${encodeURIComponent(hall)}/appointments/${code}/cancel`, $('appointment-cancel'), undefined, say('ticket.appointmentCancelled'));
    // Over already, whoever ended it: nothing to keep.
    if (!answer.ok && !['AppointmentOver', 'UnknownAppointment'].includes(answer.problem.code)) return;
    this.#keep(null);
  }

  /** On this phone; where a browser keeps nothing, as long as the page is open. */
  #keep(appointment) {
    this.#appointment = appointment;
    try {
      if (appointment) localStorage.setItem(this.#key, JSON.stringify(appointment));
      else localStorage.removeItem(this.#key);
    } catch {
      // No storage: the page itself shows it.
    }
    this.#showAppointment();
  }

  #kept() {
    try {
      return JSON.parse(localStorage.getItem(this.#key));
    } catch {
      return null;
    }
  }

  get #key() {
    return `appointment:${this.#token}`;
  }

  #showAppointment() {
    const kept = this.#appointment;
    $('appointment').hidden = !kept;
    $('other-time').hidden = kept !== null || $('slots').children.length === 0;
    $('book-first').hidden = kept !== null || !$('book-first').dataset.slot;
    if (!kept) return;
    fill($('appointment'), {
      slot: this.#words(kept.slot), code: say('ticket.appointmentCode', `${kept.code.slice(0, 4)} ${kept.code.slice(4)}`),
      text: say(this.#over ? 'ticket.appointmentCome' : 'ticket.appointmentText', clockTime(kept.checkInFrom), clockTime(kept.checkInUntil)),
    });
  }

  #words(slot) {
    return `${dayWords(slot, this.#today)[page.lang]} ${clockTime(slot)}`;
  }
}
