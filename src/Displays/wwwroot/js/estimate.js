// How long a wait is said to be: a range of the server's seconds in whole minutes.

import { both } from './page.js';

/**
 * In both languages; null where there is no estimate.
 * @param key of a text with the two minutes in it. They are rounded outwards: never shorter than estimated.
 * @param pace for one service of a line whose estimate it is (`KioskService.Pace`); in whole seconds, as its ticket will have them.
 */
export function aboutWait(key, estimate, pace = 1) {
  return estimate ? both(key, Math.floor(Math.round(estimate.lowSeconds * pace) / 60), Math.ceil(Math.round(estimate.highSeconds * pace) / 60)) : null;
}
