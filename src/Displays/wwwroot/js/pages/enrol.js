// Redeems the one-time link's secret, which stands behind '#' so that no log of a server or proxy has it, and opens the page of what the device now is.

import { post } from '../api.js';
import { fill, say } from '../page.js';

const working = document.getElementById('enrolling');
const secret = location.hash.slice(1);

if (secret) {
  fill(working, { words: say('signIn.enrolling') });
  const answer = await post('devices/redeem?cookie=true', { secret });
  if (answer.ok) {
    fill(working, { words: say('signIn.enrolled') });
    // Not kept in the history: it is spent, and it is nobody's to read.
    location.replace(pageOf(answer.data));
  } else {
    working.hidden = true;
    document.getElementById('failed').hidden = false;
  }
}

function pageOf({ kind, hall, zone, window }) {
  const part = kind === 'board' ? zone : kind === 'window' || kind === 'pad' ? window : null;
  return '/' + [kind, hall, ...(part ? [part] : [])].map(encodeURIComponent).join('/');
}
