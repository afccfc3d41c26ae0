// Getting a command through on a poor line: the same request with the same key until it is answered, so that it is done once however often it is sent.

import { newKey, post } from './api.js';
import { retryDelay } from './feed.js';

const TRIES = 8;

// Nothing was decided, or nobody knows: asking again with the key is safe.
const UNDECIDED = ['Offline', 'NotRecorded', 'OutcomeUnknown', 'HallBusy', 'NotOwner', 'TooManyRequests'];

/** The answer of `post`; after the last try the undecided one. `onRetry(attempt)` is called before each further try. */
export async function persist(path, body, { onRetry = () => {}, key = newKey() } = {}) {
  for (let attempt = 0; ; attempt++) {
    const answer = await post(path, body, key);
    if (answer.ok || !UNDECIDED.includes(answer.problem.code) || attempt + 1 === TRIES) return answer;
    onRetry(attempt);
    await new Promise(resolve => setTimeout(resolve, 500 + retryDelay(attempt)));
  }
}
