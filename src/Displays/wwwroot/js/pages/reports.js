// A report: asks for the figures of the address's question and fills its sections, each as soon as its own figures are there.

import { fill, page, say } from '../page.js';
import { fitAll } from '../reports/chart.js';
import { flags } from '../reports/flags.js';
import { arrivals, outcomes, ratings } from '../reports/people.js';
import { comparison, story } from '../reports/story.js';
import { fillTable, saveCsv } from '../reports/table.js';
import { hours, level, rows, spread } from '../reports/waits.js';
import { staff, windows } from '../reports/windows.js';
import { ask } from '../reports/wire.js';

const $ = id => document.getElementById(id);
const SECTIONS = { story, comparison, hours, spread, arrivals, outcomes, level, ratings, rows, windows, staff, flags };

// A4 upright with its margins, at 96 dots an inch.
const PAPER = 680;

async function fillAll() {
  const sections = [...document.querySelectorAll('[data-section]')];
  if (sections.length === 0) return;
  const figures = ask();
  try {
    // Everything hangs on whether anybody came: nothing else is told where nobody did.
    const total = await figures.total;
    if (total.legs === 0) {
      $('nothing').hidden = false;
      $('sections').hidden = true;
      for (const figure of Object.values(figures)) figure?.catch?.(() => {});
      return;
    }
  } catch (error) {
    for (const figure of Object.values(figures)) figure?.catch?.(() => {});
    $('sections').hidden = true;
    wrong(error);
    return;
  }
  await Promise.all(sections.map(section => fillOne(section, figures)));
}

async function fillOne(section, figures) {
  const says = section.querySelector('.r-says');
  try {
    const told = await SECTIONS[section.dataset.section]({ section, ...figures });
    says.textContent = told.says;
    if (told.rows.length === 0) return;
    fillTable(section, told.columns, told.rows.slice(0, told.most));
    section.querySelector('.r-actions').hidden = false;
    section.querySelector('[data-csv]').addEventListener('click', () => saveCsv(section.dataset.section, told.columns, told.rows));
    if (told.isOpen) showTable(section, true);
  } catch (error) {
    section.querySelector('.r-chart')?.toggleAttribute('hidden', true);
    says.textContent = error.sentence ?? say('problem.Unexpected');
    says.classList.add('wrong');
    if (!error.sentence) throw error;
  }
}

function wrong(error) {
  $('wrong').hidden = false;
  fill($('wrong'), { wrong: error.sentence ?? say('problem.Unexpected') });
  if (!error.sentence) throw error;
}

function showTable(section, isShown) {
  const [table, button] = [section.querySelector('.r-table'), section.querySelector('[data-table]')];
  table.hidden = !isShown;
  button.setAttribute('aria-expanded', String(isShown));
  button.querySelector('span').textContent = say(isShown ? 'reports.hideTable' : 'reports.showTable');
}

for (const section of document.querySelectorAll('[data-section]')) section.querySelector('[data-table]').addEventListener('click', () => showTable(section, section.querySelector('.r-table').hidden));

$('print').addEventListener('click', () => print());
addEventListener('resize', () => fitAll());
addEventListener('beforeprint', () => fitAll(PAPER));
addEventListener('afterprint', () => fitAll());

// Halls are found by any part of their name; what is chosen stays to be seen.
$('find-hall')?.addEventListener('input', event => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const hall of document.querySelectorAll('.r-hall')) hall.hidden = !hall.querySelector('input').checked && !hall.textContent.toLowerCase().includes(wanted);
});

const chosen = () => [...document.querySelectorAll('.r-hall input:checked')];
for (const box of document.querySelectorAll('.r-hall input')) {
  box.addEventListener('change', () => {
    const names = chosen().map(one => one.parentElement.textContent);
    fill($('halls'), { chosen: names.length === 0 ? say('reports.allHalls', document.querySelectorAll('.r-hall').length) : names.length === 1 ? names[0] : say('reports.someHalls', names.length) });
  });
}
$('halls').addEventListener('keydown', event => {
  if (event.key !== 'Escape' || !$('halls').open) return;
  $('halls').open = false;
  $('halls').querySelector('summary').focus();
});
document.addEventListener('click', event => { if (!event.target.closest('#halls')) $('halls').open = false; });

// Nothing that was left as it is has to stand in the address.
document.querySelector('.r-filters').addEventListener('formdata', event => { for (const field of ['compare', 'target']) if (!event.formData.get(field)) event.formData.delete(field); });

if (!page.data.wrong) await fillAll();
document.documentElement.dataset.loaded = '';
