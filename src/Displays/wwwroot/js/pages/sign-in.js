// Signs in: the server keeps the token in a cookie that no script can read.

import { post } from '../api.js';
import { page, say, fill } from '../page.js';

const form = document.getElementById('sign-in');
const wrong = document.getElementById('wrong');
const submit = document.getElementById('submit');

form.addEventListener('submit', async event => {
  event.preventDefault();
  const { user, password, code } = Object.fromEntries(new FormData(form));
  if (!user || !password) return tell(say('signIn.missing'));
  submit.disabled = true;
  const answer = await post('sign-in?cookie=true', { user: user.trim(), password, code: code.trim() || null });
  submit.disabled = false;
  if (answer.ok) location.assign(page.data.to);
  else tell(answer.problem.sentence);
});

document.getElementById('sign-out')?.addEventListener('click', async () => {
  await post('sign-out');
  location.reload();
});

function tell(sentence) {
  wrong.hidden = false;
  fill(wrong, { wrong: sentence });
}
