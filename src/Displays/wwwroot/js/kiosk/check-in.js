// Checking in at the kiosk: a code typed on its own keys, and what becomes of it in words.

import { dayOf, dayWords } from '../dates.js';
import { both, clockTime } from '../page.js';

/** As the server draws codes: what nobody mistakes for another sign. */
export const CODE_LENGTH = 8;
const SIGN = /^[2-9A-HJKMNP-Z]$/;

/** The code after one more key. */
export function typed(code, key) {
  if (key === 'Backspace') return code.slice(0, -1);
  const sign = key.toUpperCase();
  return SIGN.test(sign) && code.length < CODE_LENGTH ? code + sign : code;
}

/** Four and four, as it is printed and read out. */
export function inFours(code) {
  const shown = code.padEnd(CODE_LENGTH, '·');
  return `${shown.slice(0, 4)} ${shown.slice(4)}`;
}

/** What a number says about the appointment it is for, in both languages; null for one without. */
export function keptWords(appointment) {
  return appointment ? both(appointment.late ? 'kiosk.keptLate' : 'kiosk.keptInTime', clockTime(appointment.slot)) : null;
}

/** Too early today, or on another day: {title, sentence}, in both languages. */
export function earlyWords(problem, today) {
  const [slot, from] = [clockTime(problem.slot), clockTime(problem.from)];
  if (dayOf(problem.slot) === today) return { title: both('kiosk.earlyTitle'), sentence: both('kiosk.early', slot, from) };
  // The date itself: whoever mixed the days up does not know which one is tomorrow.
  const day = dayWords(problem.slot);
  return { title: both('kiosk.otherDayTitle'), sentence: { zh: both('kiosk.otherDay', day.zh, slot).zh, en: both('kiosk.otherDay', day.en, slot).en } };
}
