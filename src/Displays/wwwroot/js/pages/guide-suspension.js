// What the desk can offer whose matter is suspended: the place is kept, another time, another hall. The same choices as on the visitor's phone.

import { get } from '../api.js';
import { aboutWait } from '../estimate.js';
import { clockTime, fill, list, nameOf, page, say } from '../page.js';

const $ = id => document.getElementById(id);
const hall = page.data;

/** What the halls elsewhere were asked for last: once a number and suspension. */
let asked = null;

/** Why a number is not called for the moment; undefined where nothing of its is suspended. */
export function suspensionOf(floor, ticket) {
  return floor.suspended ?? floor.lines.find(line => line.line === ticket.line)?.suspended ?? floor.suspendedServices.find(one => one.service === ticket.service)?.suspension;
}

/** The service that was asked for: of a joint visit not the part of it that runs. */
export const matterOf = ticket => ticket.matter ?? ticket.service;

/** @param ticket the number picked out; undefined for none. */
export function paintSuspension(floor, ticket) {
  const suspension = ticket && !['called', 'serving'].includes(ticket.state) ? suspensionOf(floor, ticket) : undefined;
  $('choices').hidden = !suspension;
  if (!suspension) {
    asked = null;
    return;
  }
  const service = hall.services.find(one => one.service === ticket.service);
  const name = nameOf(service?.name) || ticket.service;
  fill($('choices'), {
    title: suspension.until ? say('guide.suspendedUntil', name, clockTime(suspension.until)) : say('guide.suspended', name),
    reason: suspension.reason ?? null,
  });
  const matter = matterOf(ticket);
  $('rebook').hidden = !(matter in hall.bookable);
  askElsewhere(matter, JSON.stringify([matter, suspension]));
}

async function askElsewhere(service, of) {
  if (asked === of) return;
  asked = of;
  $('elsewhere').hidden = true;
  const answer = await get(`halls/${encodeURIComponent(hall.hall)}/elsewhere?service=${encodeURIComponent(service)}`);
  if (!answer.ok || asked !== of) return;
  list($('elsewhere-list'), $('other-hall'), answer.data, other => other.hall, (item, other) => fill(item, {
    name: nameOf(other.name), wait: [say('common.peopleWaiting', other.waiting), aboutWait('common.aboutMinutes', other.estimate)?.[page.lang]].filter(Boolean).join(' · '),
  }));
  $('elsewhere').hidden = answer.data.length === 0;
}
