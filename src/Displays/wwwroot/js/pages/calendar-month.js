// A month: working days that are none elsewhere and days off that are none by the week, gaps and exceptions; a day pressed shows its week.

import { nextDay } from '../dates.js';
import { page, say } from '../page.js';
import { badge } from './calendar-week.js';
import { dayName, make, mondayOf, word } from './calendar-words.js';

const $ = id => document.getElementById(id);

export function paintMonth(state, days, choose) {
  const first = new Date(state.month + '-01T00:00:00Z');
  $('month-title').textContent = first.toLocaleDateString(page.lang === 'en' ? 'en-GB' : 'zh-CN', { year: 'numeric', month: 'long', timeZone: 'UTC' });
  const held = document.activeElement?.closest('#month');
  const monday = mondayOf(state.month + '-01');
  const weeks = [];
  for (let from = monday; from.slice(0, 7) <= state.month; from = nextDay(from, 7)) weeks.push(Array.from({ length: 7 }, (_, n) => nextDay(from, n)));
  $('month').replaceChildren(...weeks.map(week => {
    const row = make('tr');
    row.append(...week.map(date => {
      const cell = make('td');
      cell.append(button(date, days.get(date), state, choose));
      return cell;
    }));
    return row;
  }));
  if (held) $('month').querySelector('[aria-pressed=true]')?.focus();
  $('except').querySelector('span').textContent = say('calendar.addExceptionOn', dayName(state.day));
}

function button(date, day, state, choose) {
  const classes = ['month-day', date.slice(0, 7) === state.month ? '' : 'other', day && day.intervals.length === 0 ? 'shut' : '', day?.gaps.length > 0 ? 'gaps' : ''].filter(Boolean).join(' ');
  const element = make('button', classes, null, { type: 'button', 'aria-pressed': String(date === state.day) });
  if (date === page.data.today) element.setAttribute('aria-current', 'date');
  element.append(make('span', 'number', String(Number(date.slice(8)))));
  if (day) {
    const marks = badge(day, state);
    const holiday = ['makeup', 'holiday'].includes(day.day) ? state.holidays.get(date) : null;
    if (holiday) marks.append(make('span', 'holiday-name', holiday, { lang: 'zh' }));
    if (day.gaps.length > 0) marks.append(make('span', 'badge bad', word('gapShort')));
    element.append(marks);
  }
  element.append(make('span', 'unseen', dayName(date)));
  element.addEventListener('click', () => choose(date, state.month));
  return element;
}
