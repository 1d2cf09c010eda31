// One criterion of the inspection sheet: the fields in which it is judged, and the credit of what was
// entered. A finding is {how: 'confirm'} or {how: 'change', choice, number, causes, reason}; `box` is
// the element of its criterion. sheet.js keeps the findings.
'use strict';

window.criterion = (() => {
  const root = document.getElementById('sheet');
  const text = (name) => root.getAttribute('data-t-' + name) || '';
  const number = (given) => { const [above, below] = String(given).split('/'); return Number(above) / Number(below || 1); };
  const same = (one, other) => Math.abs(one - other) < 1e-9;

  // Convert a finding from the server's form to the draft's form.
  function read(box, one, seen) {
    const derived = seen === undefined || seen === null ? '' : seen;
    const confirm = box.dataset.confirm ? JSON.parse(box.dataset.confirm) : null;
    if (!one.reason && confirm && ((one.credit !== undefined && one.credit === confirm.credit) || (one.points !== undefined && one.points === confirm.points) || (one.grade !== undefined && one.grade === confirm.grade))) {
      return { how: 'confirm', derived };
    }
    const kept = { how: 'change', choice: 'own', number: one.points ?? one.credit ?? '', causes: {}, reason: one.reason || '', derived };
    if (one.grade) {
      kept.choice = 'grade:' + one.grade;
      kept.number = '';
    } else if (one.causes && one.causes.length) {
      kept.choice = 'causes';
      for (const cause of one.causes) kept.causes[cause.cause] = { count: String(cause.count), points: cause.points || '' };
    } else if (['1', '0.5', '0'].includes(one.credit)) {
      kept.choice = one.credit;
    }
    return kept;
  }

  // Return the grade of a choice; its credit is NaN where the criterion no longer has it.
  const grades = (box) => JSON.parse(box.dataset.grades || '[]');
  const graded = (box, choice) => grades(box).find((one) => 'grade:' + one.code === choice) || { text: '', credit: NaN };

  // Return the credit of a finding, from 0 to 1; null while the finding is incomplete.
  function credit(box, kept) {
    if (kept.how === 'confirm') return number(box.dataset.value);
    const most = box.dataset.points ? number(box.dataset.points) : 1;
    if (kept.choice === 'causes') {
      let taken = 0;
      for (const cause of JSON.parse(box.dataset.causes)) {
        const found = kept.causes[cause.code];
        if (!found || !Number(found.count)) continue;
        const each = cause.low !== null ? number(found.points || NaN) : cause.take !== null ? number(cause.take) : Infinity;
        if (Number.isNaN(each)) return null;
        taken += each * Number(found.count);
      }
      return taken ? Math.max(0, 1 - taken / most) : null;
    }
    if (kept.choice.startsWith('grade:')) return number(graded(box, kept.choice).credit);
    if (kept.choice === 'own') {
      if (!/^\d+(\.\d{1,6})?$/.test(kept.number)) return null;
      const found = Number(kept.number) / most;
      return found > 1 + 1e-9 ? null : found;
    }
    return kept.choice ? Number(kept.choice) : null;
  }

  const differs = (box, kept) => kept.how === 'change' && (box.dataset.value === '' || credit(box, kept) === null || !same(credit(box, kept), number(box.dataset.value)));
  const raises = (box, kept) => { const found = kept.how === 'change' ? credit(box, kept) : null; return found !== null && box.dataset.value !== '' && found > number(box.dataset.value) + 1e-9; };

  // Add the buttons of a criterion; the accessible name of each contains the code.
  function equip(box) {
    const made = document.getElementById('judge').content.cloneNode(true);
    if (box.dataset.value === '') {
      made.querySelector('[data-do="confirm"]').remove();
      const change = made.querySelector('[data-do="change"]');
      change.textContent = change.dataset.judge;
    }
    for (const button of made.querySelectorAll('button')) {
      const code = document.createElement('span');
      code.className = 'hush';
      code.textContent = ' ' + box.dataset.code;
      button.append(code);
    }
    box.append(made);
  }

  // Create the fields of a criterion on first use: a page has up to 140 criteria.
  function panel(box, name) {
    const there = box.querySelector(`[data-panel="${name}"]`);
    if (there) return there;
    box.insertBefore(document.getElementById(name).content.cloneNode(true), box.querySelector('[data-fault]'));
    const made = box.querySelector(`[data-panel="${name}"]`);
    made.querySelector('legend').textContent = box.querySelector(`[data-do="${name}"]`).textContent;
    if (name === 'change') choices(box, made);
    return made;
  }
  function choices(box, made) {
    const points = box.dataset.points, causes = box.dataset.causes;
    const place = made.querySelector('[data-choices]');
    const listed = grades(box).map((one) => ['grade:' + one.code, one.text]);
    const offered = listed.length ? listed : [['1', text('full-credit')], causes ? ['causes', text('causes')] : ['0.5', text('half')], ['0', text('none')], ['own', text('other')]];
    for (const [value, words] of offered) {
      const label = document.createElement('label'), input = document.createElement('input');
      input.type = 'radio';
      input.name = 'v-' + box.dataset.code;
      input.value = value;
      label.append(input, words);
      place.append(label);
    }
    made.querySelector('[data-own] span').textContent = points ? text('own') + ' ' + points + ' ' : text('own-credit') + ' ';
    for (const cause of causes ? JSON.parse(causes) : []) {
      const row = document.createElement('div'), label = document.createElement('label'), count = document.createElement('input');
      row.className = 'cause';
      count.type = 'number'; count.min = '0'; count.max = '1000'; count.inputMode = 'numeric'; count.className = 'tiny'; count.dataset.cause = cause.code;
      label.append(cause.text + (cause.figure ? `（${cause.figure}） ` : ' '), count, ' ' + text('times'));
      row.append(label);
      if (cause.low !== null) {
        const amount = document.createElement('label'), points_ = document.createElement('input');
        points_.inputMode = 'decimal'; points_.className = 'tiny'; points_.dataset.causePoints = cause.code;
        amount.append(text('each') + ' ', points_, ' ' + text('points'));
        row.append(amount);
      }
      made.querySelector('[data-list]').append(row);
    }
  }

  return { read, graded, credit, differs, raises, equip, panel };
})();
