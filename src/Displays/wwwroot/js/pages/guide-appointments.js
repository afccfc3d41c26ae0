// Appointments at the guide desk: found by code or telephone, checked in, moved, cancelled; booked for a service.

import { get, post } from '../api.js';
import { dayOf, dayWords, nextDay } from '../dates.js';
import { clockTime, fill, list, nameOf, page, say } from '../page.js';
import { Presses } from '../presses.js';

const $ = id => document.getElementById(id);
const hall = page.data;
const base = `halls/${hall.hall}/appointments`;

/** Typing pauses so long before it is looked for. */
const PAUSE = 250;
const CODE = /^[2-9A-HJKMNP-Z]{8}$/;
const CHIPS = { booked: 'good', checkedIn: 'serving', released: 'warn', cancelled: '' };

/** In which states of an appointment what can be done with it. */
const CAN = { 'check-in': ['booked', 'released'], move: ['booked'], cancel: ['booked'] };

/** What was pressed before an answer that never came is asked again, not done twice. */
const presses = new Presses();

const typedCode = () => $('appointment-q').value.replace(/[\s-]/g, '').toUpperCase();

const nameOfService = id => nameOf(hall.services.find(service => service.service === id)?.name) || id;

/** "ABCD 2345": as it is printed and read out. */
const inFours = code => `${code.slice(0, 4)} ${code.slice(4)}`;

/**
 * @param today gives the hall's date; @param onKept is given the number of one who was checked in; @param onSaid what was done, in words;
 * @param onBooked a new appointment, to be printed.
 */
export function wireAppointments({ today, onKept, onSaid, onBooked }) {
  const find = new Find({ today, onKept, onSaid, onMove: (one, done) => book.open(one.service, one, done) });
  const book = new Book({ today, onSaid, onBooked });
  return { openAppointments: () => find.open(), openBooking: (service, notBefore) => book.open(service.service, null, null, notBefore) };
}

class Find {
  #on;
  #found = [];
  #of = null;
  #more = false;
  #at = 0;
  #asked = 0;
  #busy = false;
  #sure = null;
  #timer;

  constructor(on) {
    this.#on = on;
    $('appointment-q').addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), PAUSE);
    });
    $('appointments-dialog').addEventListener('keydown', event => this.#key(event));
    $('appointments').addEventListener('click', event => {
      const row = event.target.closest('[data-key]');
      if (!row) return;
      this.#at = this.#found.findIndex(one => one.code === row.dataset.key);
      this.#draw();
      const act = event.target.closest('[data-do]')?.dataset.do;
      if (act) this.#do(act);
    });
  }

  open() {
    $('appointment-q').value = '';
    [this.#found, this.#of] = [[], null];
    $('appointments-dialog').showModal();
    $('appointment-q').focus();
    this.#look();
  }

  async #look() {
    const asked = ++this.#asked;
    const typed = typedCode();
    const wishes = typed.length === 18 ? [{ idNumber: typed }] : [...CODE.test(typed) ? [{ code: typed }] : [], ...(/^\+?\d{4,15}$/.test(typed) ? [{ phone: typed }] : [])];
    if (typed === '') wishes.push({});
    // Eight digits may be either: the code first, being somebody's own.
    for (const wish of wishes) {
      const answer = await post(`${base}/find`, wish);
      if (asked !== this.#asked) return;
      if (!answer.ok) return this.#wrong(answer.problem.field === 'idNumber' ? say('guide.bookBadId') : answer.problem.sentence);
      [this.#found, this.#more] = [answer.data.appointments, answer.data.more];
      if (this.#found.length > 0) break;
    }
    if (wishes.length === 0) [this.#found, this.#more] = [[], false];
    [this.#of, this.#at, this.#sure] = [typed, 0, null];
    this.#wrong(null);
    this.#draw();
  }

  #draw() {
    list($('appointments'), $('appointment-row'), this.#found, one => one.code, (row, one) => {
      fill(row, {
        code: inFours(one.code), slot: `${dayWords(one.slot, this.#on.today())[page.lang]} ${clockTime(one.slot)}`, service: nameOfService(one.service),
        state: say(`guide.state${one.state[0].toUpperCase()}${one.state.slice(1)}`, one.number), cancel: say(this.#sure === one.code ? 'guide.appointmentCancelSure' : 'guide.appointmentCancel'),
      });
      const chosen = this.#found[this.#at] === one;
      row.querySelector('.chip').className = `chip ${CHIPS[one.state]}`;
      row.querySelector('.g-pick').setAttribute('aria-pressed', String(chosen));
      for (const button of row.querySelectorAll('[data-do]')) button.hidden = !chosen || !CAN[button.dataset.do].includes(one.state);
    });
    const none = this.#found.length === 0 ? say(this.#of ? 'guide.appointmentNone' : 'guide.appointmentNoneToday') : this.#more ? say('guide.appointmentMore') : null;
    fill($('appointments-none'), { none });
  }

  #key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const act = { F4: 'move', F6: 'cancel', Enter: event.target.matches('input') ? 'check-in' : null }[event.key];
    if (!by && !act) return;
    event.preventDefault();
    if (act) return this.#doTyped(act);
    if (this.#found.length === 0) return;
    this.#at = (this.#at + by + this.#found.length) % this.#found.length;
    this.#sure = null;
    this.#draw();
    $('appointments').children[this.#at].scrollIntoView({ block: 'nearest' });
  }

  /** Who types and presses at once, as a scanner does, means what stands in the box and nobody who was listed before it. */
  async #doTyped(act) {
    if (typedCode() !== this.#of) {
      clearTimeout(this.#timer);
      await this.#look();
      if (typedCode() !== this.#of || this.#found.length !== 1) return;
    }
    await this.#do(act);
  }

  async #do(act) {
    const one = this.#found[this.#at];
    if (!one || this.#busy || !CAN[act].includes(one.state)) return;
    this.#wrong(null);
    if (act === 'move') return this.#on.onMove(one, () => this.#look());
    if (act === 'cancel' && this.#sure !== one.code) {
      this.#sure = one.code;
      return this.#draw();
    }
    this.#busy = true;
    const answer = await presses.send(act, `${base}/${one.code}/${act}`, act === 'check-in' ? { source: 'guide' } : undefined);
    this.#busy = false;
    if (!answer) return;
    this.#sure = null;
    if (!answer.ok) {
      // It may have been kept, moved or cancelled elsewhere meanwhile.
      await this.#look();
      return this.#wrong(earlyOr(answer.problem));
    }
    if (act === 'cancel') {
      this.#on.onSaid(say('guide.appointmentCancelled', inFours(one.code)));
      return this.#look();
    }
    $('appointments-dialog').close();
    const { number, appointment } = answer.data;
    this.#on.onSaid(say(appointment.late ? 'guide.appointmentLate' : 'guide.appointmentKept', inFours(one.code), number));
    this.#on.onKept(answer.data);
  }

  #wrong(words) {
    $('appointments-wrong').hidden = !words;
    $('appointments-wrong').textContent = words ?? '';
  }
}

/** "Too early" says from when on. */
function earlyOr(problem) {
  return problem.code === 'TooEarlyToCheckIn' ? `${problem.sentence} ${dayOf(problem.from)} ${clockTime(problem.from)}` : problem.sentence;
}

class Book {
  #on;
  #service = null;
  #moved = null;
  #done = null;
  #notBefore = null;
  #day = null;
  #slots = [];
  #asked = 0;
  #busy = false;

  constructor(on) {
    this.#on = on;
    $('book-days').addEventListener('change', event => this.#show(event.target.value));
    $('book-dialog').querySelector('form').addEventListener('submit', event => {
      if (event.submitter?.value === 'cancel') return;
      event.preventDefault();
      this.#send();
    });
  }

  /** @param moved the appointment that leaves its slot for another; null for a new one. @param notBefore no slot before it is proposed, though any may be chosen. */
  async open(service, moved = null, done = null, notBefore = null) {
    [this.#service, this.#moved, this.#done, this.#notBefore] = [service, moved, done, notBefore && new Date(notBefore)];
    $('book-dialog-title').textContent = moved ? say('guide.moveOf', inFours(moved.code), nameOfService(service)) : say('guide.bookOf', nameOfService(service));
    $('book-whose').hidden = moved !== null;
    for (const id of ['book-phone', 'book-card', 'book-name']) $(id).value = '';
    this.#wrong(null);
    const today = this.#on.today();
    const days = Array.from({ length: (hall.bookable[service] ?? 0) + 1 }, (_, n) => nextDay(today, n));
    list($('book-days'), $('book-day'), days, day => day, (label, day) => {
      fill(label, { day: dayWords(day, today)[page.lang] });
      label.querySelector('input').value = day;
    });
    list($('book-slots'), $('book-slot'), [], slot => slot.slot, () => {});
    $('book-dialog').showModal();
    // The first day on which anything is left, unless another is chosen meanwhile.
    for (const day of days) if (await this.#show(day) || this.#day !== day || !$('book-dialog').open) break;
    ($('book-slots').querySelector('input:checked') ?? $('book-days').querySelector('input:checked'))?.focus();
  }

  /** True when something of the day can be booked. */
  async #show(day) {
    const asked = ++this.#asked;
    this.#day = day;
    const answer = await get(`halls/${hall.hall}/slots?service=${encodeURIComponent(this.#service)}&date=${day}`);
    if (asked !== this.#asked) return false;
    if (!answer.ok) {
      this.#wrong(answer.problem.sentence);
      return false;
    }
    this.#slots = answer.data;
    for (const input of $('book-days').querySelectorAll('input')) input.checked = input.value === day;
    list($('book-slots'), $('book-slot'), this.#slots, slot => slot.slot, (label, slot) => {
      fill(label, { time: clockTime(slot.slot), free: slot.free > 0 ? say('guide.bookFree', slot.free) : say('guide.bookFull') });
      const input = label.querySelector('input');
      [input.value, input.disabled] = [slot.slot, slot.free === 0];
    });
    const first = this.#slots.find(slot => slot.free > 0 && !(new Date(slot.slot) < this.#notBefore));
    for (const input of $('book-slots').querySelectorAll('input')) input.checked = input.value === first?.slot;
    fill($('book-none'), { none: this.#slots.length === 0 ? say('guide.bookNoSlots') : null });
    return Boolean(first);
  }

  async #send() {
    if (this.#busy) return;
    const slot = $('book-slots').querySelector('input:checked')?.value;
    if (!slot) return this.#wrong(say('guide.bookChoose'));
    const given = { phone: $('book-phone').value.trim(), idNumber: $('book-card').value.trim(), name: $('book-name').value.trim() };
    const body = this.#moved ? { slot } : { service: this.#service, slot, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value)) };
    this.#busy = true;
    const answer = await presses.send('book', this.#moved ? `${base}/${this.#moved.code}/move` : base, body);
    this.#busy = false;
    if (!answer) return;
    if (!answer.ok) return this.#refused(answer.problem);
    $('book-dialog').close();
    const booked = answer.data;
    const [day, time] = [dayWords(booked.slot, this.#on.today())[page.lang], clockTime(booked.slot)];
    if (this.#moved) this.#on.onSaid(say('guide.appointmentMoved', inFours(booked.code), day, time));
    else this.#on.onSaid(say('guide.bookDone', inFours(booked.code), day, time, nameOfService(booked.service)));
    this.#on.onBooked({ ...booked, code: inFours(booked.code) });
    this.#done?.();
  }

  #refused(problem) {
    const [key, field] = { phone: ['bookBadPhone', 'book-phone'], idNumber: ['bookBadId', 'book-card'], name: ['bookBadName', 'book-name'] }[problem.field] ?? [];
    const needed = problem.code === 'IdentityRequired';
    this.#wrong(problem.code === 'BadField' && key ? say('guide.' + key) : needed ? say('guide.needsId') : problem.appointment ? `${problem.sentence} ${inFours(problem.appointment)}` : problem.sentence);
    if (field && (needed || problem.code === 'BadField')) $(field).focus();
    if (['SlotFull', 'SlotClosed'].includes(problem.code)) this.#show(this.#day);
  }

  #wrong(words) {
    $('book-wrong').hidden = !words;
    $('book-wrong').textContent = words ?? '';
  }
}
