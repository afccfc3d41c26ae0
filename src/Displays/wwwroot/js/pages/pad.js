// The pad of a window: asks after a finished service, takes one rating, thanks, and goes back by itself.

import { Feed } from '../feed.js';
import { both, fill, page, showStatus } from '../page.js';
import { persist } from '../persist.js';

const { hall, window: at, services } = page.data;
const $ = id => document.getElementById(id);

// A visitor who has not touched it by then has gone; until the next start the ticket's code takes the rating as well.
const ASKS_FOR = 90_000;
const SAYS_FOR = 6_000;
// Long enough to read why, for somebody who has just been told no.
const EXPLAINS_FOR = 12_000;

// What may be rated now, {nonce, service}; null where nothing is.
let rating = null;
// The nonce that was answered, given up or is being sent: it is not asked for again.
let done = null;
let timer = 0;

const feed = new Feed({ onStatus: showStatus });
feed.watch('WatchWindow', [hall, at], `window/${hall}/${at}`, state => {
  const changed = (state.rating?.nonce ?? null) !== (rating?.nonce ?? null);
  rating = state.rating ?? null;
  fill($('rest'), { staff: state.staff ? both('pad.servedBy', state.staff.name.zh) : null });
  if (changed) look();
  document.documentElement.dataset.fed = '';
});
feed.start();

/** Asks where something may be rated; at rest otherwise. What was just said stays until its time is over. */
function look() {
  if (rating && rating.nonce !== done) ask();
  else if ($('said').hidden) show('rest');
}

function ask() {
  $('ask').reset();
  $('send').disabled = true;
  fill($('ask'), { service: services[rating.service] ?? null });
  show('ask', ASKS_FOR);
}

$('ask').addEventListener('change', () => {
  $('send').disabled = false;
  show('ask', ASKS_FOR);
});

$('ask').addEventListener('submit', async event => {
  event.preventDefault();
  const grade = new FormData($('ask')).get('grade');
  if (!grade || !rating) return;
  const sent = rating.nonce;
  done = sent;
  say('pad.sending', null, 'good');
  clearTimeout(timer);
  const answer = await persist(`halls/${encodeURIComponent(hall)}/windows/${encodeURIComponent(at)}/rating`, { nonce: sent, grade });
  // The next visitor's question is not covered by the last one's thanks.
  if (rating && rating.nonce !== sent) return;
  if (answer.ok) return say('pad.thanks', 'pad.thanksText', 'good', SAYS_FOR);
  switch (answer.problem.code) {
    case 'AlreadyRated': return say('pad.already', 'pad.alreadyText', 'good', SAYS_FOR);
    case 'RatingClosed': return say('pad.closed', 'pad.closedText', 'late', EXPLAINS_FOR);
    default: return say('pad.failed', 'pad.failedText', 'late', EXPLAINS_FOR);
  }
});

function say(title, text, kind, milliseconds) {
  fill($('said'), { title: both(title), text: text ? both(text) : null });
  $('said').dataset.kind = kind;
  show('said', milliseconds);
}

/** Shows one face; after its time the pad is at rest again. */
function show(face, milliseconds) {
  for (const id of ['rest', 'ask', 'said']) $(id).hidden = id !== face;
  clearTimeout(timer);
  if (!milliseconds) return;
  timer = setTimeout(() => {
    if (face === 'ask') done = rating?.nonce ?? null;
    show('rest');
  }, milliseconds);
}
