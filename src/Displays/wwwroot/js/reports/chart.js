// Charts in the product's colours and type. ECharts is loaded with the first one; it asks nobody but this server.

import { say } from '../page.js';

const style = getComputedStyle(document.documentElement);
const token = name => style.getPropertyValue(name).trim();

export const COLOURS = {
  ink: token('--ink'), soft: token('--ink-soft'), line: token('--line'), strong: token('--line-strong'), surface: token('--surface'),
  dark: token('--blue-700'), blue: token('--blue-600'), light: token('--blue-300'), pale: token('--blue-200'), palest: token('--blue-100'),
  good: token('--good'), warn: token('--warn'), bad: token('--bad'), amber: '#d98e1f', quiet: '#9aa7b8', faint: '#e3e8ee',
};

/** Room of its own for every row of bars. */
const ROW = 34;

const drawn = new Map();

/**
 * Draws into a section's chart.
 * @param option what ECharts is told, over what all charts share.
 * @param rows of bars lying one below the other: as many as this make it as high as it has to be.
 * @param onClick given what was clicked, answers where to go; null: nowhere.
 */
export async function draw(section, option, { rows = 0, onClick = null } = {}) {
  const place = section.querySelector('.r-chart');
  place.hidden = false;
  if (rows > 0) place.style.height = `${Math.max(220, rows * ROW + 110)}px`;
  const echarts = await import('../../lib/echarts/echarts.esm.min.js');
  const chart = drawn.get(place) ?? echarts.init(place, null, { renderer: 'canvas', devicePixelRatio: Math.max(2, devicePixelRatio) });
  drawn.set(place, chart);
  chart.setOption({ ...shared(), ...option }, true);
  chart.off('click');
  if (onClick) chart.on('click', event => { const href = onClick(event); if (href) location.assign(href); });
}

function shared() {
  return {
    animation: false,
    textStyle: { fontFamily: token('--font'), fontSize: 14, color: COLOURS.ink },
    grid: { left: 8, right: 24, top: 48, bottom: 8, containLabel: true },
    legend: { top: 4, left: 4, itemGap: 18, selectedMode: false, textStyle: { color: COLOURS.ink, fontSize: 14 } },
    // Drawn on the canvas: the page's policy lets no markup with styles of its own in.
    tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, textStyle: { fontSize: 14, color: COLOURS.ink }, axisPointer: { type: 'shadow', shadowStyle: { color: 'rgba(18, 74, 150, 0.06)' } } },
  };
}

export function categories(data, more = {}) {
  return {
    type: 'category', data, axisTick: { show: false }, axisLine: { lineStyle: { color: COLOURS.strong } }, axisLabel: { color: COLOURS.ink, fontSize: 14, ...more.axisLabel },
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== 'axisLabel')),
  };
}

export function values(more = {}) {
  return { type: 'value', min: 0, axisLabel: { color: COLOURS.soft, fontSize: 13 }, nameTextStyle: { color: COLOURS.soft, fontSize: 13 }, splitLine: { lineStyle: { color: COLOURS.line } }, ...more };
}

/** The unit beside every number of an axis: a name at its end would lie over what is there. */
export function inUnits(key) {
  return { axisLabel: { color: COLOURS.soft, fontSize: 13, formatter: value => say(key, value) } };
}

/** Long names beside bars that lie: cut where they would leave no room for the bars. */
export const LYING = { inverse: true, axisLabel: { width: 200, overflow: 'truncate' } };

const PLAIN = { symbol: 'none' };
const stripes = (degrees, strength) => ({ symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: degrees * Math.PI / 180, color: `rgba(255, 255, 255, ${strength})` });

/** Patterns beside colours, for who cannot tell those apart. The container has a text alternative of its own. */
export const PATTERNS = {
  aria: {
    enabled: true, label: { enabled: false },
    decal: { show: true, decals: [PLAIN, stripes(-45, 0.35), PLAIN, { symbol: 'circle', symbolSize: 0.5, dashArrayX: [6, 6], dashArrayY: [5, 5], color: 'rgba(255, 255, 255, 0.6)' }, stripes(45, 0.45), stripes(0, 0.5), PLAIN] },
  },
};

/** As wide as their places are now: the window's, or the paper's. */
export function fitAll(width = null) {
  for (const [, chart] of drawn) chart.resize(width ? { width } : { width: 'auto' });
}
