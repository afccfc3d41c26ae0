// The screen over a window: who is called, what the window does, who sits there.

import { both, clockTime, fill, page, setState, showStatus } from '../page.js';
import { Feed } from '../feed.js';

const { hall, window: id, device } = page.data;
const [now, staff, photo] = ['now', 'staff', 'photo'].map(name => document.getElementById(name));
const WORDS = { calling: 'board.pleaseComeTo', serving: 'board.beingServed', idle: 'board.readyForNext', paused: 'board.windowPausedHere', closed: 'board.windowClosed' };
let sequence = 0;

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
if (device) setInterval(() => feed.report({ sequenceShown: sequence, sound: null, version: 'window-1' }), 10_000);

function paint(w) {
  setState(now, w.state, Object.keys(WORDS));
  fill(now, {
    words: both(WORDS[w.state]),
    ticket: w.ticket,
    more: w.reopensAt ? both('common.reopensAt', clockTime(w.reopensAt)) : w.goTo ? both('board.goTo', w.goTo) : null,
  });
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
