// Grids that show what fits and leaf through the rest: a finger that means to scroll presses what it touches.

import { both, fill, list } from '../page.js';

export class Paged {
  #grid;
  #pager;
  #template;
  #keyOf;
  #paint;
  #items = [];
  #page = 0;

  /** @param grid a CSS grid with `grid-auto-rows` as a length and `--cols`, or with `--all` where the page scrolls; its pager stands in [data-pager=id]. */
  constructor(grid, template, keyOf, paint) {
    [this.#grid, this.#template, this.#keyOf, this.#paint] = [grid, template, keyOf, paint];
    this.#pager = document.querySelector(`[data-pager="${grid.id}"]`);
    this.#pager?.addEventListener('click', event => {
      const turn = event.target.closest('[data-turn]');
      if (turn) this.#turn(Number(turn.dataset.turn));
    });
  }

  /** Shows these from the first page on. */
  show(items) {
    this.#items = items;
    this.#page = 0;
    this.draw();
  }

  get isTurned() {
    return this.#page > 0;
  }

  /** Draws anew: sizes or values changed. */
  draw() {
    if (!this.#grid.offsetParent) return;
    if (this.#pager) this.#pager.hidden = true;
    let fits = this.#fits();
    if (this.#pager && fits < this.#items.length) {
      this.#pager.hidden = false;
      fits = this.#fits();
    }
    const pages = Math.max(1, Math.ceil(this.#items.length / fits));
    this.#page = Math.min(this.#page, pages - 1);
    list(this.#grid, this.#template, this.#items.slice(this.#page * fits, (this.#page + 1) * fits), this.#keyOf, this.#paint);
    if (!this.#pager) return;
    fill(this.#pager, { page: both('kiosk.pageOf', this.#page + 1, pages) });
    for (const button of this.#pager.querySelectorAll('[data-turn]')) {
      const to = this.#page + Number(button.dataset.turn);
      button.disabled = to < 0 || to >= pages;
    }
  }

  #turn(by) {
    this.#page += by;
    this.draw();
  }

  #fits() {
    const style = getComputedStyle(this.#grid);
    if (style.getPropertyValue('--all')) return this.#items.length || 1;
    const [row, gap] = [parseFloat(style.gridAutoRows), parseFloat(style.rowGap) || 0];
    const rows = Math.max(1, Math.floor((this.#grid.clientHeight + gap + 1) / (row + gap)));
    return rows * (parseInt(style.getPropertyValue('--cols'), 10) || 1);
  }
}
