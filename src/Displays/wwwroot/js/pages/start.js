// The start page: keeps the halls' figures true, and in the demonstration opens each screen as whoever it is for.

import { post } from '../api.js';
import { localTime, notBefore, setClock } from '../clock.js';
import { when } from '../dates.js';
import { aboutWait } from '../estimate.js';
import { Feed } from '../feed.js';
import { fill, page, say, setText, showStatus } from '../page.js';

const { halls, clock, password } = page.data;

if (halls.length > 0) {
  const feed = new Feed({ onStatus: showStatus });
  for (const hall of halls) {
    const card = document.querySelector(`[data-hall="${hall}"]`);
    feed.watch('WatchHall', [hall], `hall/${hall}`, state => {
      paint(card, state);
      document.documentElement.dataset.fed = '';
    });
  }
  feed.start();
}

function paint(card, { lines, calls, suspended, open, opensAt, asOf }) {
  notBefore(asOf);
  const closed = !open && !suspended;
  // Of the line one waits longest for: what somebody who comes for anything should reckon with.
  const longest = lines.map(line => line.estimate).filter(Boolean).sort((a, b) => b.medianSeconds - a.medianSeconds)[0];
  fill(card, {
    waiting: suspended ? say('common.suspended') : closed ? (opensAt ? say('common.opensAt', when(opensAt)) : say('common.closed')) : say('start.waiting', lines.reduce((sum, line) => sum + line.waiting, 0)),
    wait: longest && !suspended && !closed && lines.some(line => line.waiting) ? aboutWait('common.aboutMinutes', longest)[page.lang] : null,
    call: calls.length > 0 ? `${say('start.lastCall')} ${calls[0].ticket} → ${calls[0].window}` : say('start.nobodyCalled'),
  });
}

if (clock) {
  const time = document.getElementById('hall-time');
  setClock(clock.now, clock.speed);
  const tick = () => setText(time, localTime());
  setInterval(tick, 1000);
  tick();
}

for (const stop of document.querySelectorAll('a.stop')) {
  const { device, window: at, user, number, of } = stop.dataset;
  if (!device && !user && number === undefined) continue;
  stop.addEventListener('click', event => {
    event.preventDefault();
    // Opened while the click is fresh, or the browser would take it for an advertisement.
    const tab = globalThis.open('', '_blank');
    const go = url => (tab ? tab.location.replace(url) : location.assign(url));
    const done = device ? post('demo/devices', { kind: device, hall: of, window: at ?? null })
      : user ? signIn(user)
      : post('demo/tickets', { hall: of });
    done.then(answer => {
      if (answer.ok) return go(new URL(user ? stop.getAttribute('href') : answer.data.url, location.origin).href);
      tab?.close();
      tell(answer.problem.sentence);
    });
  });
}

for (const button of document.querySelectorAll('[data-sign-in]')) {
  button.addEventListener('click', async () => {
    const answer = await signIn(button.dataset.signIn);
    if (answer.ok) location.reload();
    else tell(answer.problem.sentence);
  });
}

document.getElementById('sign-out')?.addEventListener('click', async () => {
  await post('sign-out');
  location.reload();
});

function signIn(user) {
  return post('sign-in?cookie=true', { user, password, code: null });
}

function tell(sentence) {
  const wrong = document.getElementById('wrong');
  wrong.hidden = false;
  fill(wrong, { wrong: sentence });
  wrong.scrollIntoView({ block: 'center' });
}
