import '../page.js';

document.getElementById('open-dialog').addEventListener('click', () => document.getElementById('sample-dialog').showModal());
