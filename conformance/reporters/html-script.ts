/** Script of the HTML report: filters, and opening what a link leads to. Without it the report can still be read. */
export const script = `
'use strict';
const form = document.querySelector('.filters');
const status = form.querySelector('output');
const none = document.querySelector('.none');
const items = Array.from(document.querySelectorAll('.requirement'), (element) => ({
  element,
  fold: element.querySelector('details'),
  text: Array.from(element.querySelectorAll('.says'), (part) => part.textContent).join(' ').toLowerCase(),
}));

function applyFilters() {
  const { search, standing, level, area } = Object.fromEntries(new FormData(form));
  const words = search.toLowerCase().split(/\\s+/);
  let shown = 0;
  for (const { element, text } of items) {
    const { dataset } = element;
    const fits =
      (standing === '' || dataset.standing === standing) &&
      (level === '' || dataset.level === level) &&
      (area === '' || dataset.area === area) &&
      words.every((word) => text.includes(word));
    element.hidden = !fits;
    if (fits) shown += 1;
  }
  status.value = shown === items.length ? items.length + ' requirements' : shown + ' of ' + items.length + ' requirements';
  none.hidden = shown > 0;
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.closest('[hidden]')) {
    form.reset();
    applyFilters();
  }
  const folds = target.matches('.requirement') ? [target.querySelector('details')] : [];
  for (let fold = target.closest('details'); fold; fold = fold.parentElement.closest('details')) folds.push(fold);
  for (const fold of folds) fold.open = true;
  target.scrollIntoView();
}

form.hidden = false;
form.addEventListener('input', applyFilters);
form.addEventListener('reset', () => setTimeout(applyFilters));
form.addEventListener('submit', (event) => event.preventDefault());
for (const [id, open] of [['unfold', true], ['fold', false]]) {
  document.getElementById(id).addEventListener('click', () => {
    for (const { element, fold } of items) if (!element.hidden) fold.open = open;
  });
}
addEventListener('hashchange', openTarget);
// A browser that goes back to the page restores what was typed.
addEventListener('pageshow', applyFilters);
applyFilters();
openTarget();
`;
