// The buttons that copy: they are hidden where there is no script.
'use strict';

const done = document.documentElement.lang === 'vi' ? 'Đã chép' : 'Copied';

// Pages without TLS on other hosts than this machine have no clipboard: they copy what is selected.
async function copy(element) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(element.textContent.trim());
    return;
  }
  getSelection().selectAllChildren(element);
  document.execCommand('copy');
}

for (const button of document.querySelectorAll('[data-copy]')) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await copy(document.getElementById(button.dataset.copy));
    button.textContent = done;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
}
