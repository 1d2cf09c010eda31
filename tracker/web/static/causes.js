// Long lists of deduction causes on the inspection sheet: folded beyond a few, found by typing.
// sheet.js creates a list when a criterion is opened; a cause with a count is always shown.
'use strict';

(() => {
  const FEW = 5;
  const root = document.getElementById('sheet');
  if (!root) return;
  const text = (name) => root.getAttribute('data-t-' + name) || '';
  const plain = (given) => given.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
  const lists = [];

  // Show what matches; without a search the first few, or all of them on request.
  function arrange(list) {
    const wanted = plain(list.search.value);
    let hits = 0;
    list.rows.forEach((row, place) => {
      const counted = [...row.querySelectorAll('input')].some((one) => one.value);
      const hit = wanted ? plain(row.textContent).includes(wanted) : list.whole || place < FEW;
      hits += hit;
      row.hidden = !hit && !counted;
    });
    list.none.hidden = hits > 0;
    list.more.hidden = Boolean(wanted);
    list.more.textContent = list.whole ? text('few-causes') : text('all-causes').replace('0', list.rows.length);
    list.more.setAttribute('aria-expanded', String(list.whole));
  }

  function equip(place) {
    const rows = [...place.querySelectorAll('.cause')];
    place.dataset.searched = '1';
    if (rows.length <= FEW) return;
    const search = document.createElement('input'), more = document.createElement('button'), none = document.createElement('p');
    search.type = 'search';
    search.autocomplete = 'off';
    search.placeholder = text('find-cause');
    search.setAttribute('aria-label', text('find-cause'));
    more.type = 'button';
    more.className = 'small';
    none.className = 'hint';
    none.setAttribute('role', 'status');
    none.textContent = text('no-cause');
    place.prepend(search, none);
    place.append(more);
    const list = { rows, search, more, none, whole: false };
    lists.push(list);
    // A search is no judgement: the sheet must not take it for one.
    search.addEventListener('input', (event) => { event.stopPropagation(); arrange(list); });
    more.addEventListener('click', () => { list.whole = !list.whole; arrange(list); });
    arrange(list);
  }

  new MutationObserver(() => root.querySelectorAll('[data-list]:not([data-searched])').forEach((place) => {
    if (place.querySelector('.cause')) equip(place);
  })).observe(root, { childList: true, subtree: true });
  root.querySelectorAll('[data-list]').forEach((place) => { if (place.querySelector('.cause')) equip(place); });
  // A draft of another window fills counts in after the list was made.
  window.addEventListener('storage', () => setTimeout(() => lists.forEach(arrange)));
})();
