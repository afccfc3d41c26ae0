// The screen over a window: who is called, what the window does, who sits there.

import { localDay, setClock } from '../clock.js';
import { when } from '../dates.js';
import { both, fill, page, setState, showStatus } from '../page.js';
import { Feed } from '../feed.js';

const { hall, window: id, device } = page.data;
const [now, staff, photo] = ['now', 'staff', 'photo'].map(name => document.getElementById(name));
const WORDS = { calling: 'board.pleaseComeTo', serving: 'board.beingServed', idle: 'board.readyForNext', paused: 'board.windowPausedHere', closed: 'board.windowClosed' };
let sequence = 0, shown = null, day = null;

setClock(page.data.asOf, page.data.speed);

// A photograph that is not there must not stand as a broken picture before the monogram.
photo.addEventListener('error', () => { photo.hidden = true; });
if (photo.complete && photo.getAttribute('src') && !photo.naturalWidth) photo.hidden = true;

const feed = new Feed({ onStatus: showStatus });
const watch = feed.watch('WatchWindow', [hall, id], `window/${hall}/${id}`, w => {
  // Null once the hall has no such window any more: the page the server gives then says so.
  if (w.window === null) return location.reload();
  sequence = watch.picture.sequence;
  paint(w);
  document.documentElement.dataset.fed = '';
});
feed.start();
// At midnight tomorrow is today.
setInterval(() => { if (shown && day !== localDay()) paint(shown); }, 1000);
if (device) setInterval(() => feed.report({ sequenceShown: sequence, sound: null, version: 'window-1' }), 10_000);

function paint(w) {
  [shown, day] = [w, localDay()];
  setState(now, w.state, Object.keys(WORDS));
  // As on the server: paused to those before it while others are on duty, whether somebody is signed in there or not.
  const away = w.state === 'closed' && Boolean(w.goTo);
  fill(now, {
    words: both(WORDS[away ? 'paused' : w.state]),
    ticket: w.ticket,
    goTo: w.goTo ? both('board.goToWindow', w.goTo) : null,
    reopens: w.reopensAt ? both(w.state === 'closed' && !away ? 'common.opensAt' : 'board.resumesAt', when(w.reopensAt)) : null,
  });
  const names = language => (w.alsoFor ?? []).map(other => page.data.linesOf[other]?.[language]).filter(Boolean).join(language === 'zh' ? '、' : ', ');
  const also = w.alsoFor && !['closed', 'paused'].includes(w.state) ? both('board.alsoFor', w.alsoFor.join(' '), { zh: names('zh'), en: names('en') }) : null;
  document.getElementById('also').hidden = also === null;
  if (also) fill(document.getElementById('also'), { also });
  fill(document.querySelector('.window-top'), { name: w.name });
  staff.hidden = !w.staff;
  if (!w.staff) return;
  fill(staff, { monogram: w.staff.name.zh.slice(0, 1), staffName: w.staff.name, staffNumber: w.staff.number ? both('board.staffNumber', w.staff.number) : null });
  const source = w.staff.photo ? `/photos/${encodeURIComponent(hall)}/${encodeURIComponent(w.staff.photo)}` : null;
  if (photo.getAttribute('src') === source) return;
  photo.hidden = source === null;
  if (source) photo.src = source;
  else photo.removeAttribute('src');
}
