// The additions of the inspection sheet: how often each was found, with points where the inspector
// chooses them, and a reason. The draft keeps them by item and code; sheet.js sends them.
'use strict';

window.additions = (() => {
  const root = document.getElementById('sheet');
  const rows = root ? [...root.querySelectorAll('[data-addition]')] : [];
  const field = (row, name) => row.querySelector(`[data-${name}]`);

  // Convert lines in the server's form to the draft's form.
  function read(lines) {
    const kept = {};
    for (const one of lines) kept[one.item + '/' + one.addition] = { count: String(one.count), points: one.points || '', reason: one.reason || '' };
    return kept;
  }
  function fill(kept) {
    for (const row of rows) {
      const one = kept[row.dataset.addition] || { count: '', points: '', reason: '' };
      for (const name of ['count', 'points', 'reason']) {
        const input = field(row, name);
        if (input && document.activeElement !== input) input.value = one[name];
      }
    }
  }
  function take(row, kept) {
    const one = { count: field(row, 'count').value, points: field(row, 'points')?.value.trim() || '', reason: field(row, 'reason').value };
    if (Number(one.count) || one.points || one.reason.trim()) kept[row.dataset.addition] = one;
    else delete kept[row.dataset.addition];
  }
  function whole(kept) {
    return rows.filter((row) => Number(kept[row.dataset.addition]?.count)).map((row) => {
      const one = kept[row.dataset.addition];
      return { item: row.dataset.item, addition: row.dataset.code, count: Number(one.count), ...(one.points ? { points: one.points } : {}), reason: one.reason };
    });
  }
  function fault(row, words) {
    const place = field(row, 'fault');
    place.textContent = words;
    place.hidden = !words;
  }
  // Mark what is missing; return the rows at fault.
  function lookOver(kept) {
    return rows.filter((row) => {
      const one = kept[row.dataset.addition];
      let words = '';
      if (one && !Number(one.count)) words = root.getAttribute('data-t-addition-count');
      else if (one && field(row, 'points') && !one.points) words = root.getAttribute('data-t-addition-points');
      else if (one && !one.reason.trim()) words = root.getAttribute('data-t-addition-reason');
      fault(row, words);
      return words;
    });
  }
  const named = (name) => rows.find((row) => row.dataset.addition === name);

  return { read, fill, take, whole, fault, lookOver, named };
})();
