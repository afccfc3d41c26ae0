// The figures of a chart as a table, and as a file: what is drawn is told there, number by number.

import { page } from '../page.js';
import { tellLegs } from './names.js';

/**
 * Fills a section's table.
 * @param columns `{ text, number, csv }`: `csv` is the head in the file, where values are in other units than people read.
 * @param rows lists of cells: a text, or `{ text, value, href, legs }` with the value for the file, the address of the legs behind it and how many they are. The first cell heads its row.
 */
export function fillTable(section, columns, rows) {
  const table = section.querySelector('.r-table table');
  const head = document.createElement('tr');
  head.append(...columns.map(column => cell('th', column.text, column.number, { scope: 'col' })));
  table.tHead.replaceChildren(head);
  table.tBodies[0].replaceChildren(...rows.map(row => {
    const line = document.createElement('tr');
    line.append(...row.map((content, at) => at === 0 ? cell('th', content, columns[at].number, { scope: 'row' }) : cell('td', content, columns[at].number)));
    return line;
  }));
}

function cell(tag, content, number, attributes = {}) {
  const element = document.createElement(tag);
  const { text, href, legs } = content !== null && typeof content === 'object' ? content : { text: content };
  if (number) element.className = 'number';
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (!href) {
    element.textContent = text ?? '';
    return element;
  }
  const link = document.createElement('a');
  link.href = href;
  link.textContent = text;
  tellLegs(link, legs);
  element.append(link);
  return element;
}

/** Hands the table out as CSV (RFC 4180), with the byte order mark that Excel needs to see that it is UTF-8. */
export function saveCsv(name, columns, rows) {
  const value = content => content !== null && typeof content === 'object' ? content.value ?? content.text : content;
  const lines = [columns.map(column => column.csv ?? column.text), ...rows.map(row => row.map(value))];
  const text = '\uFEFF' + lines.map(line => line.map(quoted).join(',')).join('\r\n') + '\r\n';
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = `hallops-${name}-${page.data.from}-${page.data.to}.csv`;
  link.click();
  URL.revokeObjectURL(link.href);
}

// What begins like a formula is one to a spreadsheet: a quote before it makes it a text. Numbers are numbers.
function quoted(content) {
  const text = content === null || content === undefined ? '' : String(content);
  const safe = typeof content === 'string' && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
  return /[",\r\n]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
}
