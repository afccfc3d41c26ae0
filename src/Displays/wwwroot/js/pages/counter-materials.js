// What the visitor has to bring, and what of it is missing.

import { fill, list, nameOf } from '../page.js';

export class Materials {
  #list = document.getElementById('material-list');
  #other = document.getElementById('missing-other');
  #names = [];
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    document.getElementById('materials').addEventListener('input', () => {
      document.getElementById('materials-wrong').hidden = true;
      onChange();
    });
  }

  /** @param names of the service's materials, {zh, en?}. Nothing is ticked. */
  show(names) {
    this.#names = names;
    list(this.#list, document.getElementById('material-template'), names.map((name, i) => ({ name, i })), ({ i }) => i, (row, { name, i }) => {
      const key = row.querySelector('.key');
      fill(row, { name: nameOf(name), key: String(i + 1) });
      key.hidden = i >= 9;
    });
    this.clear();
  }

  clear() {
    for (const box of this.#boxes) box.checked = false;
    this.#other.value = '';
    document.getElementById('materials-wrong').hidden = true;
  }

  toggle(number) {
    const box = this.#boxes[number - 1];
    if (!box) return;
    box.checked = !box.checked;
    box.focus();
    this.#onChange();
  }

  get any() {
    return this.#boxes.some(box => box.checked) || this.#other.value.trim() !== '';
  }

  /** The missing ones in the words of the hall's document: what the visitor is told stands in its first language. */
  get words() {
    return [...this.#boxes.flatMap((box, i) => box.checked ? [this.#names[i].zh] : []), this.#other.value.trim()].filter(Boolean).join('；');
  }

  get #boxes() {
    return [...this.#list.querySelectorAll('input')];
  }
}
