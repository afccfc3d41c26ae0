// What every page's module needs: its texts and data from the server, filling markup that the server rendered, and saying how old it is.

/** {lang: 'zh' or 'en', texts: {'board.called': ['叫号', 'Calling']}, data: what the page was given}. */
export const page = JSON.parse(document.getElementById('page').textContent);

/** A text in the page's language; {0}, {1} are replaced by the values. */
export function say(key, ...values) {
  return both(key, ...values)[page.lang];
}

/** A text in both languages, {zh, en}, and so may be the values in it. A key that is not there shows itself: tests look for it. */
export function both(key, ...values) {
  const [zh, en] = page.texts[key] ?? [key, key];
  const put = (text, language) => text.replace(/\{(\d)\}/g, (_, n) => values[n]?.[language] ?? values[n]?.zh ?? values[n] ?? '');
  return { zh: put(zh, 'zh'), en: put(en, 'en') };
}

/** A name from the hall's document, {zh, en?}, in the page's language. */
export function nameOf(text) {
  return text ? text[page.lang] ?? text.zh : '';
}

/**
 * Fills the slots of an element, [data-slot="name"]: with a text, with {zh, en} where it holds both languages, and with null by hiding it. What is the same
 * already is not touched, so that nothing blinks and no reader repeats itself.
 */
export function fill(element, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const slot of slots(element, name)) {
      slot.hidden = value === null || value === undefined;
      if (slot.hidden) continue;
      if (typeof value === 'object') {
        setText(slot.querySelector('.zh'), value.zh);
        setText(slot.querySelector('.en'), value.en ?? '');
      } else {
        setText(slot, String(value));
      }
    }
  }
  return element;
}

export function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function slots(element, name) {
  const found = [...element.querySelectorAll(`[data-slot="${name}"]`)];
  return element.dataset?.slot === name ? [element, ...found] : found;
}

/** Makes a list's children those of `items`, by key: known ones are kept and filled anew, new ones are made from the <template>. */
export function list(container, template, items, keyOf, paint) {
  const there = new Map([...container.children].filter(c => c.dataset.key !== undefined).map(c => [c.dataset.key, c]));
  let at = 0;
  for (const item of items) {
    const key = String(keyOf(item));
    const known = there.get(key);
    const child = known ?? template.content.firstElementChild.cloneNode(true);
    there.delete(key);
    child.dataset.key = key;
    paint(child, item, !known);
    if (container.children[at] !== child) container.insertBefore(child, container.children[at] ?? null);
    at++;
  }
  for (const gone of there.values()) gone.remove();
}

/** As the feed names them, and the classes of what shows one. */
export const WINDOW_STATES = ['closed', 'idle', 'calling', 'serving', 'paused'];

/** Gives an element the class of its state and takes the others away. */
export function setState(element, state, states) {
  for (const other of states) element.classList.toggle(other, other === state);
}

/** Shows a feed's status: nothing while it is live, then its age, then greyed out (`.perishable`). */
export function showStatus({ state, offline, age }) {
  const root = document.documentElement;
  root.dataset.feed = state;
  root.toggleAttribute('data-offline', offline);
  const banner = document.getElementById('feed-banner');
  if (!banner) return;
  banner.hidden = state === 'live';
  if (banner.hidden) return;
  // A screen in the hall is read by everybody; a page of one's own is in the language chosen.
  const own = text => document.querySelector('.screen') ? text : { zh: page.lang === 'en' ? '' : text.zh, en: page.lang === 'en' ? text.en : '' };
  fill(banner, { words: own(both(offline ? 'common.offline' : 'common.notUpdated')), age: own(ageText(age)) });
}

function ageText(seconds) {
  return seconds < 120 ? both('common.secondsAgo', seconds) : both('common.minutesAgo', Math.floor(seconds / 60));
}

/** `HH:mm` on the hall's clock: the time carries the hall's offset, so it is read off the text and not moved to the box's zone. */
export function clockTime(iso) {
  return iso ? iso.slice(11, 16) : '';
}

// A ticket's link keeps its secret behind '#', which a link to '?lang=en' would drop.
for (const link of document.querySelectorAll('a.language'))
  link.addEventListener('click', () => { if (location.hash) link.hash = location.hash; });
