// The printed slip: filled, printed by the browser (Chromium's --kiosk-printing asks nobody), and known to be out when `afterprint` comes.

import { aboutWait } from '../estimate.js';
import { both, clockTime, fill } from '../page.js';

/** Seconds a printer gets before the slip counts as not printed: half of the 60 s after which an unprinted number is void. */
const PRINT_WITHIN = 30;

/** The address of a ticket's code as a picture. */
export function codeOf(token) {
  return `/api/v1/tickets/${encodeURIComponent(token)}/code.svg`;
}

/** Prints a ticket; true once its slip is out. */
export async function printSlip(slip, ticket, service) {
  fill(slip, {
    number: ticket.number,
    service: service.name.zh,
    serviceEn: service.name.en ?? null,
    ahead: ticket.ahead === 0 ? both('kiosk.first').zh : both('kiosk.ahead', ticket.ahead).zh,
    about: [aboutWait('kiosk.aboutWait', ticket.estimate)?.zh, ticket.mayNotBeServed && both('kiosk.mayNotSlip').zh].filter(Boolean).join('，') || null,
    time: `${both('kiosk.issued').zh} ${ticket.issuedAt.slice(0, 10)} ${clockTime(ticket.issuedAt)}`,
  });
  await showCode(slip.querySelector('img'), ticket.token);
  return out();
}

/**
 * Prints an appointment; true once it is out.
 * @param words {at, come}: when it is and when to check in, in Chinese as all of a slip.
 */
export async function printAppointment(slip, code, service, { at, come }) {
  fill(slip, { number: code, service: service.name.zh, serviceEn: service.name.en ?? null, ahead: at, about: come, time: '' });
  slip.querySelector('img').hidden = true;
  return out();
}

function out() {
  return new Promise(resolve => {
    const late = setTimeout(() => end(false), PRINT_WITHIN * 1000);
    const printed = () => end(true);
    const end = done => {
      clearTimeout(late);
      removeEventListener('afterprint', printed);
      resolve(done);
    };
    addEventListener('afterprint', printed);
    try {
      window.print();
    } catch {
      end(false);
    }
  });
}

/** Shows a ticket's code; a slip without one is still a slip. */
export async function showCode(image, token) {
  image.hidden = true;
  image.src = codeOf(token);
  try {
    await image.decode();
    image.hidden = false;
  } catch {
    image.removeAttribute('src');
  }
}

/** Leaves nothing of a ticket behind. */
export function clearSlip(slip) {
  fill(slip, { number: '', service: '', serviceEn: '', ahead: '', about: '', time: '' });
  slip.querySelector('img').removeAttribute('src');
}
