// The HTTP API for pages. The browser's cookie says who asks; every POST has a key of its own, so that sending it twice does it once.

import { device } from './device.js';
import { page, say } from './page.js';

const BASE = '/api/v1/';

/** A random key of 128 bits. crypto.randomUUID is not there on plain http, which halls without certificates use. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/** A body that is sent as it was written, wrong or right: the server says what is wrong with it. `version`: changes only what is still in it. */
export class Written {
  constructor(text, version = null) {
    [this.text, this.version] = [text, version];
  }
}

/** The answer to a request: `ok`, `status`, `data` (the JSON, null where there is none), `version` (its ETag) and, when not ok, `problem` with its `code`, facts and `sentence`. */
export async function get(path) {
  return send('GET', path);
}

/**
 * @param key give one to make a later repetition safe (a kiosk's second tap); else a new one is made. After a network error, or a 503 that says so, the same
 * request is sent once more with the same key.
 * @param token says who asks, instead of the cookie: for somebody who has none yet.
 */
export async function post(path, body = undefined, key = newKey(), token = null) {
  return again('POST', path, body, key, token);
}

/** As post: a PUT sent twice would do the same, its key says that it was the same one. */
export async function put(path, body, key = newKey()) {
  return again('PUT', path, body, key);
}

async function again(method, path, body, key, token = null) {
  const first = await send(method, path, body, key, token);
  return first.ok || !first.again ? first : send(method, path, body, key, token);
}

async function send(method, path, body, key, token = null) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (device) headers['HallOps-Device'] = device;
  if (body instanceof Written && body.version) headers['If-Match'] = body.version;
  let response;
  try {
    response = await fetch(BASE + path, { method, headers, body: body === undefined ? undefined : body instanceof Written ? body.text : JSON.stringify(body), credentials: 'same-origin', cache: 'no-store' });
  } catch {
    return { ok: false, status: 0, data: null, problem: { code: 'Offline', sentence: sentenceOf({ code: 'Offline' }) }, again: true };
  }
  const text = await response.text().catch(() => '');
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    // A proxy's own page of error: nothing in it is for people.
  }
  if (response.ok) return { ok: true, status: response.status, data, version: response.headers.get('ETag') };
  const problem = { code: 'Unexpected', ...data };
  return { ok: false, status: response.status, data: null, problem: { ...problem, sentence: sentenceOf(problem) }, again: ['NotRecorded', 'OutcomeUnknown'].includes(problem.code) };
}

/** The problem in the page's language, one plain sentence. */
export function sentenceOf(problem) {
  const key = 'problem.' + problem.code;
  return key in page.texts ? say(key) : say('problem.Unexpected');
}
