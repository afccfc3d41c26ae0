// Dragging with a mouse, a pen or a finger, by pointer events: one way for all of them, and the page goes on being painted underneath.

/** Pixels a press may wander and still be a press. */
const SLOP = 6;

/** Pixels from the window's edge where what is dragged scrolls the page, and how far each time. */
const EDGE = 60, STEP = 14;

/**
 * @param items what can be dragged, a selector; a finger takes it only by a `.grip` inside, so that the page still scrolls.
 * @param targets where it can be let go, a selector.
 * @param words (item, target or null) → what letting go there would do: it is written beside the pointer.
 * @param drop (item, target or null), the elements as they are by then.
 */
export function wireDrag({ items, targets, words, drop }) {
  let from = null;
  let scrolling = null;

  document.addEventListener('pointerdown', event => {
    if (event.button !== 0 || from || event.target.closest('button, a, input, select, dialog')) return;
    const item = event.target.closest(items);
    if (!item || (event.pointerType === 'touch' && !event.target.closest('.grip'))) return;
    from = { item, x: event.clientX, y: event.clientY, pointer: event.pointerId, ghost: null, over: null };
  });

  document.addEventListener('pointermove', event => {
    if (!from || event.pointerId !== from.pointer) return;
    if (!from.ghost && Math.hypot(event.clientX - from.x, event.clientY - from.y) < SLOP) return;
    from.ghost ??= lift(from.item);
    [from.x, from.y] = [event.clientX, event.clientY];
    hover();
    scrolling ??= setInterval(scroll, 30);
  });

  document.addEventListener('pointerup', event => {
    if (!from || event.pointerId !== from.pointer) return;
    const { item, over, ghost } = from;
    end();
    if (ghost) drop(item, over);
  });
  document.addEventListener('pointercancel', end);
  document.addEventListener('keydown', event => { if (event.key === 'Escape' && from?.ghost) end(); });

  function lift(item) {
    const ghost = document.createElement('div');
    ghost.className = 'drag-ghost';
    const [what, does] = [document.createElement('strong'), document.createElement('span')];
    what.textContent = item.dataset.dragName;
    ghost.append(what, does);
    document.body.append(ghost);
    item.classList.add('dragged');
    document.documentElement.classList.add('dragging');
    getSelection()?.removeAllRanges();
    return ghost;
  }

  function hover() {
    const { ghost, item, x, y } = from;
    const over = document.elementFromPoint(x, y)?.closest(targets) ?? null;
    if (over !== from.over) {
      from.over?.classList.remove('drop-here');
      over?.classList.add('drop-here');
      from.over = over;
    }
    ghost.lastChild.textContent = words(item, over);
    ghost.style.translate = `${Math.max(0, Math.min(x + 14, innerWidth - ghost.offsetWidth - 8))}px ${Math.max(0, Math.min(y + 14, innerHeight - ghost.offsetHeight - 8))}px`;
  }

  function scroll() {
    const by = from.y < EDGE ? -STEP : from.y > innerHeight - EDGE ? STEP : 0;
    if (!by) return;
    window.scrollBy(0, by);
    hover();
  }

  function end() {
    if (!from) return;
    clearInterval(scrolling);
    scrolling = null;
    from.ghost?.remove();
    from.item.classList.remove('dragged');
    from.over?.classList.remove('drop-here');
    document.documentElement.classList.remove('dragging');
    from = null;
  }
}
