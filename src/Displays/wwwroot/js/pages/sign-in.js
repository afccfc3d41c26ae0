// Signs in: the server keeps the token in a cookie that no script can read. An account that must have a second factor and has none yet sets it up here.

import { newKey, post } from '../api.js';
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
  else if (answer.problem.code === 'TotpNeeded') enrol(answer.problem.token);
  else if (answer.problem.code === 'WrongSignIn') {
    // The server tells nobody which of them was wrong; a code is good once, so the next try needs another one.
    tell(code.trim() ? answer.problem.sentence : `${answer.problem.sentence} ${say('signIn.wrongNeedsCode')}`);
    document.getElementById('code').value = '';
  } else tell(answer.problem.sentence);
});

// ---- the second factor, once

const enrolment = document.getElementById('enrol');
const firstCode = document.getElementById('first-code');
// Ten minutes, for setting up the second factor and nothing else.
let pass = null;

async function enrol(token) {
  const begun = await post('account/totp', undefined, newKey(), token);
  if (!begun.ok) return tell(begun.problem.sentence);
  pass = token;
  // In fours, as people read out what they type.
  fill(enrolment, { secret: begun.data.secret.replace(/.{4}(?=.)/g, '$& ') });
  document.getElementById('open-app').href = begun.data.url;
  form.hidden = true;
  enrolment.hidden = false;
  document.getElementById('enrol-title').focus();
}

enrolment.addEventListener('submit', async event => {
  event.preventDefault();
  const button = document.getElementById('confirm');
  button.disabled = true;
  const answer = await post('account/totp/confirm?cookie=true', { code: firstCode.value.trim() }, newKey(), pass);
  button.disabled = false;
  if (answer.ok) return location.assign(page.data.to);
  if (answer.problem.code === 'SignInNeeded') {
    enrolment.hidden = true;
    form.hidden = false;
    return tell(say('signIn.totpLate'));
  }
  const wrongCode = document.getElementById('first-code-wrong');
  wrongCode.hidden = false;
  wrongCode.textContent = answer.problem.code === 'BadField' ? say('signIn.totpWrong') : answer.problem.sentence;
  firstCode.setAttribute('aria-invalid', 'true');
  firstCode.value = '';
  firstCode.focus();
});

document.getElementById('sign-out')?.addEventListener('click', async () => {
  await post('sign-out');
  location.reload();
});

function tell(sentence) {
  wrong.hidden = false;
  fill(wrong, { wrong: sentence });
}
