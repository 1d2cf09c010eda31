// The inspection sheet: its findings are saved in this browser at every change and submitted exactly
// once (sheet_sending.js). Its draft follows the rule of drafts.js. sheet_criterion.js has the fields
// of a criterion and computes its credit.
'use strict';

(() => {
  const { store } = drafts;
  const { send, again, newId, cache } = sheets;
  const { read, graded, credit, differs, raises, equip, panel } = criterion;

  const sheet = document.getElementById('sheet');
  if (sheet) open(sheet);

  function open(root) {
    const key = root.dataset.key;
    const text = (name) => root.getAttribute('data-t-' + name) || '';
    const said = document.getElementById('said');
    const boxes = [...root.querySelectorAll('.criterion')];
    const byCode = new Map(boxes.map((box) => [box.dataset.code, box]));
    const known = root.dataset.known ? root.dataset.known.split('\n') : [];
    const own = root.dataset.own ? JSON.parse(root.dataset.own) : null;
    const draft = load();

    function tell(words, kind, link) {
      said.textContent = words;
      said.className = 'notice ' + kind;
      said.hidden = !words;
      if (link) said.append(' ', link);
    }

    function anchor(words, address) {
      const made = document.createElement('a');
      made.href = address;
      made.textContent = words;
      return made;
    }

    // Return the stored draft, else this inspector's own proposal, else an empty sheet.
    function load() {
      const kept = store.read(key);
      if (kept) {
        kept.additions ||= additions.read(JSON.parse(root.dataset.added));
        return kept;
      }
      const fresh = { id: root.dataset.id, action: root.dataset.action, known, findings: {}, rectify: {}, disallow: {}, additions: additions.read(JSON.parse(root.dataset.added)), queued: null };
      if (!own) return fresh;
      fresh.id = own.sheet_id;
      for (const one of own.findings) {
        const box = byCode.get(one.criterion);
        if (box) fresh.findings[one.criterion] = read(box, one, own.seen[one.criterion]);
      }
      fresh.additions = additions.read(own.additions);
      for (const one of own.disallow) fresh.disallow[one.record_id] = one.reason;
      for (const one of own.rectify) fresh.rectify[one.criterion] = { problem: one.problem, due: one.due };
      return fresh;
    }

    function keep() {
      if (draft.queued) tell(text('unqueued'), 'calm');
      draft.queued = null;
      draft.at = Date.now();
      store.write(key, draft);
      const place = document.getElementById('kept');
      if (place) place.textContent = store.works ? text('kept') + ' ' + new Date().toTimeString().slice(0, 5) : text('full');
      if (!store.works) tell(text('full'), 'warn');
    }

    // A criterion with a disallowed record is recalculated by the server without that record.
    const doubted = (box) => [...box.querySelectorAll('[data-record]')].some((one) => one.dataset.record in draft.disallow);

    function verdict(box, kept) {
      if (!kept) return '';
      if (kept.how === 'confirm') return '✓ ' + (doubted(box) ? text('recount') : text('derived'));
      const names = { 1: text('full-credit'), 0.5: text('half'), 0: text('none') };
      let words = names[kept.choice] || '';
      if (kept.choice === 'own' && kept.number) words = box.dataset.points ? kept.number + ' ' + text('points') : text('credit') + ' ' + kept.number;
      if (kept.choice.startsWith('grade:')) words = graded(box, kept.choice).text;
      if (kept.choice === 'causes') {
        words = JSON.parse(box.dataset.causes).filter((cause) => Number(kept.causes[cause.code]?.count)).map((cause) => cause.text + ' × ' + kept.causes[cause.code].count).join('；');
      }
      return words && '✎ ' + words + (raises(box, kept) ? ' ↑' : '') + (kept.reason ? ' — ' + kept.reason : '');
    }

    // Return the sheet in the form that the server accepts.
    function whole(how) {
      const sent = { how, person: root.dataset.person, sheet_id: draft.id, known: draft.known, seen: {}, findings: [], disallow: [], rectify: [], additions: additions.whole(draft.additions) };
      for (const [code, kept] of Object.entries(draft.findings)) {
        const box = byCode.get(code);
        if (!box) continue;
        const one = { criterion: code };
        if (kept.how === 'confirm') {
          if (!box.dataset.confirm || doubted(box)) continue;
          Object.assign(one, JSON.parse(box.dataset.confirm));
        } else if (kept.choice === 'causes') {
          one.causes = Object.entries(kept.causes).filter(([, found]) => Number(found.count)).map(([cause, found]) => ({ cause, count: Number(found.count), ...(found.points ? { points: found.points } : {}) }));
        } else if (kept.choice === 'own') {
          one[box.dataset.points ? 'points' : 'credit'] = kept.number;
        } else if (kept.choice.startsWith('grade:')) {
          one.grade = kept.choice.slice(6);
        } else {
          one.credit = kept.choice;
        }
        if (kept.how === 'change' && kept.reason) one.reason = kept.reason;
        sent.seen[code] = kept.derived || null;
        sent.findings.push(one);
      }
      for (const [record_id, reason] of Object.entries(draft.disallow)) sent.disallow.push({ record_id, reason });
      for (const [criterion, kept] of Object.entries(draft.rectify)) sent.rectify.push({ criterion, problem: kept.problem, due: kept.due });
      return sent;
    }

    // Show an error at its criterion, found by this page or reported by the server.
    function fault(box, words) {
      const place = box.querySelector('[data-fault]');
      if (!place) return;
      place.textContent = words;
      place.hidden = !words;
      box.classList.toggle('wrong', Boolean(words));
    }
    function lookOver() {
      const found = [];
      for (const box of boxes) {
        const code = box.dataset.code, kept = draft.findings[code], rectify = draft.rectify[code];
        let words = '';
        if (kept && kept.how === 'change') {
          if (!kept.choice) words = text('choose');
          else if (credit(box, kept) === null) words = kept.choice === 'causes' ? text('cause') : text('number');
          else if (differs(box, kept) && !kept.reason.trim()) words = text('reason');
        }
        if (rectify && !rectify.problem.trim()) words = words || text('problem');
        if ([...box.querySelectorAll('[data-record]')].some((one) => draft.disallow[one.dataset.record]?.trim() === '')) words = words || text('why');
        fault(box, words);
        if (words) found.push(box);
      }
      return found;
    }
    function goTo(box) {
      box.hidden = false;
      box.closest('[data-part]').hidden = false;
      box.closest('.part').hidden = false;
      unfold(box);
      const wrong = box.querySelector('.panel input, .panel select');
      box.scrollIntoView({ block: 'center' });
      (wrong || box).focus({ preventScroll: true });
    }

    function fill(box) {
      const kept = draft.findings[box.dataset.code], made = box.querySelector('[data-panel="change"]');
      if (made) {
        const change = kept && kept.how === 'change' ? kept : { choice: '', number: '', causes: {}, reason: '' };
        made.querySelectorAll('input[type=radio]').forEach((one) => { one.checked = one.value === change.choice; });
        made.querySelector('[data-own]').hidden = change.choice !== 'own';
        made.querySelector('[data-list]').hidden = change.choice !== 'causes';
        made.querySelector('[data-number]').value = change.number;
        made.querySelector('[data-text]').value = change.reason;
        made.querySelectorAll('[data-cause]').forEach((one) => { one.value = change.causes[one.dataset.cause]?.count || ''; });
        made.querySelectorAll('[data-cause-points]').forEach((one) => { one.value = change.causes[one.dataset.causePoints]?.points || ''; });
      }
      const asked = draft.rectify[box.dataset.code], order = box.querySelector('[data-panel="rectify"]');
      if (order) {
        order.querySelector('[data-problem]').value = asked ? asked.problem : '';
        order.querySelector('[data-due]').value = asked ? asked.due : root.dataset.due;
      }
    }
    function unfold(box) {
      const code = box.dataset.code;
      if (draft.findings[code]?.how === 'change') panel(box, 'change').hidden = false;
      if (draft.rectify[code]) panel(box, 'rectify').hidden = false;
      fill(box);
    }

    // Update what depends on the draft: verdicts, counts, the list of changes and the filter.
    function show(box) {
      const code = box.dataset.code, kept = draft.findings[code];
      const change = box.querySelector('[data-panel="change"]'), order = box.querySelector('[data-panel="rectify"]');
      const place = box.querySelector('[data-verdict]');
      if (!place) return;
      place.textContent = verdict(box, kept) + (draft.rectify[code] ? ' · ' + text('rectify') : '');
      box.querySelector('[data-do="confirm"]')?.setAttribute('aria-pressed', String(kept?.how === 'confirm'));
      box.querySelector('[data-do="change"]').setAttribute('aria-expanded', String(Boolean(change && !change.hidden)));
      box.querySelector('[data-do="rectify"]').setAttribute('aria-expanded', String(Boolean(order && !order.hidden)));
      box.classList.toggle('is-judged', Boolean(kept));
      box.classList.toggle('is-changed', Boolean(kept && differs(box, kept)));
      box.querySelectorAll('[data-record]').forEach((row) => {
        const doubt = row.querySelector('[data-disallow]'), why = row.querySelector('[data-why]');
        if (!doubt) return;
        doubt.checked = row.dataset.record in draft.disallow;
        why.hidden = !doubt.checked;
        if (document.activeElement !== why) why.value = draft.disallow[row.dataset.record] || '';
      });
    }
    function refresh() {
      boxes.forEach(show);
      const judged = boxes.filter((box) => draft.findings[box.dataset.code]);
      const changed = judged.filter((box) => differs(box, draft.findings[box.dataset.code]));
      const open_ = boxes.filter((box) => !draft.findings[box.dataset.code] && box.dataset.value !== '');
      const counts = {
        judged: judged.length, changed: changed.length, rest: open_.length,
        raised: judged.filter((box) => raises(box, draft.findings[box.dataset.code])).length,
        disallowed: Object.keys(draft.disallow).length, rectify: Object.keys(draft.rectify).length,
      };
      root.querySelectorAll('[data-count]').forEach((one) => { one.textContent = counts[one.dataset.count]; });
      root.querySelectorAll('.sheet-bar progress').forEach((one) => { one.value = counts.judged; });
      root.querySelectorAll('[data-rest]').forEach((one) => { one.hidden = !counts.rest; });
      document.getElementById('changes')?.replaceChildren(...boxes.filter((box) => changed.includes(box) || draft.rectify[box.dataset.code]).map((box) => {
        const row = document.createElement('li');
        row.append(anchor(box.dataset.code, '#k-' + box.dataset.code), ' ' + box.querySelector('[data-verdict]').textContent);
        return row;
      }));
      filter();
    }
    function filter() {
      const only = document.getElementById('only')?.value || '';
      for (const box of boxes) {
        const kept = draft.findings[box.dataset.code];
        const wanted = !only || box.dataset.check === only || (only === 'open' && !kept) || (only === 'changed' && ((kept && differs(box, kept)) || draft.rectify[box.dataset.code] || doubted(box)));
        box.hidden = !wanted && !box.contains(document.activeElement);
      }
      const parts = [...root.querySelectorAll('[data-part]')].reverse();
      for (const part of parts) part.hidden = ![...part.querySelectorAll('.criterion')].some((box) => !box.hidden) && !(!only && part.querySelector('[data-addition]'));
    }

    function confirm(box) {
      if (box.dataset.value === '') return;
      const code = box.dataset.code;
      if (draft.findings[code]?.how === 'confirm') delete draft.findings[code];
      else draft.findings[code] = { how: 'confirm', derived: box.dataset.derived };
      const change = box.querySelector('[data-panel="change"]');
      if (change) change.hidden = true;
      fault(box, '');
    }
    function toggle(box, name) {
      const made = panel(box, name), code = box.dataset.code;
      made.hidden = made.dataset.opened === '1' && !made.hidden;
      made.dataset.opened = '1';
      if (name === 'rectify' && !made.hidden && !draft.rectify[code]) draft.rectify[code] = { problem: '', due: root.dataset.due };
      if (name === 'rectify' && made.hidden && draft.rectify[code] && !draft.rectify[code].problem) delete draft.rectify[code];
      fill(box);
      if (!made.hidden) made.querySelector('input').focus();
    }
    function step(box, by) {
      const seen = boxes.filter((one) => !one.hidden);
      const next = seen[seen.indexOf(box) + by];
      if (!next) return;
      (next.querySelector('[data-do]') || next).focus({ preventScroll: true });
      next.scrollIntoView({ block: 'center' });
    }

    // Store every input of a criterion in the draft.
    function take(box, input) {
      const code = box.dataset.code;
      const row = input.closest('[data-record]');
      if (row) {
        const record = row.dataset.record;
        if (input.matches('[data-disallow]')) {
          if (input.checked) draft.disallow[record] = draft.disallow[record] || '';
          else delete draft.disallow[record];
          show(box);
          if (input.checked) row.querySelector('[data-why]').focus();
        } else draft.disallow[record] = input.value;
        return;
      }
      const order = input.closest('[data-panel="rectify"]');
      if (order) {
        draft.rectify[code] = { problem: order.querySelector('[data-problem]').value, due: order.querySelector('[data-due]').value };
        return;
      }
      const made = input.closest('[data-panel="change"]');
      if (!made) return;
      const causes = {};
      made.querySelectorAll('[data-cause]').forEach((one) => {
        const points = [...made.querySelectorAll('[data-cause-points]')].find((other) => other.dataset.causePoints === one.dataset.cause);
        if (one.value || points?.value) causes[one.dataset.cause] = { count: one.value || '1', points: points?.value.trim() || '' };
      });
      const choice = made.querySelector('input[type=radio]:checked')?.value || '', reason = made.querySelector('[data-text]').value;
      // Keep a reason without a result; validation asks for the result before submission.
      if (!choice && !reason.trim()) { if (draft.findings[code]?.how === 'change') delete draft.findings[code]; return; }
      draft.findings[code] = { how: 'change', choice, number: made.querySelector('[data-number]').value.trim(), causes, reason, derived: box.dataset.derived };
      made.querySelector('[data-own]').hidden = choice !== 'own';
      made.querySelector('[data-list]').hidden = choice !== 'causes';
    }

    root.addEventListener('input', (event) => {
      const added = event.target.closest('[data-addition]');
      if (added) {
        additions.take(added, draft.additions);
        additions.fault(added, '');
        keep();
        return;
      }
      const box = event.target.closest('.criterion');
      if (!box) return;
      take(box, event.target);
      fault(box, '');
      keep();
      refresh();
    });
    document.getElementById('only')?.addEventListener('change', () => { document.activeElement.blur(); filter(); });
    root.addEventListener('click', (event) => {
      const button = event.target.closest('[data-do], [data-send]');
      if (!button) return;
      const box = button.closest('.criterion'), what = button.dataset.do;
      if (button.dataset.send) { handIn(button.dataset.send); return; }
      if (what === 'confirm') confirm(box);
      else if (what === 'change' || what === 'rectify') toggle(box, what);
      else if (what === 'unrectify') {
        delete draft.rectify[box.dataset.code];
        box.querySelector('[data-panel="rectify"]').hidden = true;
        fault(box, '');
        box.querySelector('[data-do="rectify"]').focus();
      } else if (what === 'rest') {
        for (const one of boxes) if (!draft.findings[one.dataset.code] && one.dataset.value !== '') confirm(one);
      } else if (what === 'discard') {
        if (!window.confirm(text('discard'))) return;
        store.drop(key);
        location.reload();
        return;
      }
      keep();
      refresh();
    });
    root.addEventListener('keydown', (event) => {
      const box = event.target.closest('.criterion');
      if (!box || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select, textarea')) return;
      const pressed = event.key.toLowerCase();
      if (!['c', 'e', 'r', 'j', 'k'].includes(pressed)) return;
      event.preventDefault();
      if (pressed === 'j') step(box, 1);
      else if (pressed === 'k') step(box, -1);
      else if (!box.querySelector('[data-do]')) return;
      else if (pressed === 'c') {
        if (draft.findings[box.dataset.code]?.how !== 'confirm') confirm(box);
        keep(); refresh(); step(box, 1);
      } else { toggle(box, pressed === 'e' ? 'change' : 'rectify'); keep(); refresh(); }
    });

    function handIn(how) {
      const wrong = lookOver(), amiss = additions.lookOver(draft.additions);
      if (wrong.length || amiss.length) {
        tell(`${wrong.length + amiss.length} ${text('faults')}`, 'bad');
        if (wrong.length) goTo(wrong[0]);
        else amiss[0].querySelector('input').focus();
        return;
      }
      if (!Object.keys(draft.findings).length && !Object.keys(draft.disallow).length && !Object.keys(draft.rectify).length && !Object.keys(draft.additions).length && root.dataset.added === '[]') {
        tell(text('nothing'), 'warn');
        said.scrollIntoView({ block: 'center' });
        return;
      }
      if (how === 'sign' && !root.dataset.alone && Object.entries(draft.findings).some(([code, kept]) => byCode.has(code) && raises(byCode.get(code), kept))) {
        tell(text('raised'), 'warn');
        said.scrollIntoView({ block: 'center' });
        return;
      }
      keep();
      draft.queued = whole(how);
      store.write(key, draft);
      work();
    }

    async function work() {
      const kept = store.read(key);
      if (!kept || !kept.queued) return;
      if (said.hidden) tell(text('sending'), 'calm');
      const { state, reply, left } = await send(key);
      if (state === 'offline') tell(text('offline'), 'warn');
      else if (state === 'busy') tell(text('busy'), 'warn');
      else if (state === 'signin') tell(text('signin'), 'warn', anchor(text('login'), '/login?next=' + encodeURIComponent(location.pathname)));
      else if (state === 'other') tell(text('other-account'), 'warn');
      else if (state === 'done' && left) goOn(left, reply);
      else if (state === 'done') location.assign(reply.address || location.pathname + '?done=proposed');
      else if (state === 'refused') refused(reply);
    }
    // What was typed while the sheet was on its way stays, as the draft of the next sheet.
    function goOn(left, reply) {
      for (const part of ['findings', 'rectify']) for (const code of Object.keys(draft[part])) if (!(code in left[part])) delete draft[part][code];
      Object.assign(draft, { id: left.id, known: left.known, queued: null });
      refresh();
      tell(text('later') + ' ', 'warn', reply.address && anchor(text('paper'), reply.address));
    }
    function refused(reply) {
      draft.queued = null;
      const errors = reply.errors || [];
      let first = null;
      for (const one of errors) {
        if (one.sheet && !draft.known.includes(one.sheet)) draft.known.push(one.sheet);
        const added = one.field === 'additions' && additions.named(one.name);
        if (added) additions.fault(added, one.message);
        const box = one.field === 'disallow' ? boxes.find((other) => [...other.querySelectorAll('[data-record]')].some((row) => row.dataset.record === one.name)) : byCode.get(one.name);
        if (!box) continue;
        fault(box, one.message);
        first = first || box;
      }
      // The server already has another sheet with this id, so this draft needs a new id.
      if (/:(identity_conflict|no_proposal)$/.test(reply.type || '')) draft.id = newId();
      store.write(key, draft);
      tell(reply.title || '', 'bad');
      if (first) goTo(first);
      else said.scrollIntoView({ block: 'center' });
    }

    // Report what changed since the draft began: derived credits and colleagues' sheets. A finding
    // on a derived credit that has changed is not restored but offered; a confirmation is asked for
    // again.
    function compare() {
      for (const [code, kept] of Object.entries(draft.findings)) {
        const box = byCode.get(code);
        if (!box || kept.derived === box.dataset.derived) continue;
        delete draft.findings[code];
        fault(box, `${text('moved')} ${kept.derived || '–'}`);
        if (kept.how === 'change') (draft.offered ||= {})[code] = { ...kept, derived: box.dataset.derived };
      }
      for (const [code, kept] of Object.entries(draft.offered || {})) {
        const box = byCode.get(code);
        if (box && !draft.findings[code]) offer(box, code, kept);
      }
      const stands = root.dataset.stands.split(' ');
      const later = known.filter((one) => !draft.known.includes(one));
      const both = Object.keys(draft.findings).filter((code) => stands.includes(code));
      if (later.length && both.length) tell(text('meanwhile') + ' ' + both.join('、'), 'warn');
      draft.known = known;
    }

    function offer(box, code, kept) {
      const place = document.createElement('p'), words = document.createElement('b'), take_ = document.createElement('button');
      place.className = 'offer';
      place.dataset.offer = code;
      words.textContent = verdict(box, kept);
      take_.type = 'button';
      take_.className = 'small';
      take_.textContent = document.body.dataset.take;
      take_.addEventListener('click', () => {
        draft.findings[code] = kept;
        delete draft.offered[code];
        place.remove();
        fault(box, '');
        unfold(box);
        keep();
        refresh();
      });
      place.append(text('offered') + ' ', words, ' ', take_);
      box.append(place);
    }
    function announce() {
      const parts = ['findings', 'rectify', 'disallow'].map((part) => Object.keys(draft[part]).length);
      const count = parts.reduce((sum, part) => sum + part, Object.keys(draft.offered || {}).length);
      if (!count || draft.queued) return;
      drafts.announce(root, draft.at, [count + ' ' + text('items')], () => {
        if (!window.confirm(text('discard'))) return;
        store.drop(key);
        location.reload();
      });
    }

    if (!root.dataset.takes) {
      if (store.read(key)) tell(text('closed'), 'warn');
      return;
    }
    boxes.forEach(equip);
    root.querySelectorAll('[data-script]').forEach((one) => { one.hidden = false; });
    root.querySelectorAll('[data-doubt]').forEach((one) => { one.append(document.getElementById('doubt').content.cloneNode(true)); one.hidden = false; });
    if (store.read(key) && !draft.queued) compare();
    if (store.read(key)) announce();
    boxes.forEach(unfold);
    additions.fill(draft.additions);
    refresh();
    window.addEventListener('storage', (event) => {
      if (event.key !== key) return;
      if (event.newValue === null) { tell(text('elsewhere'), 'warn'); return; }
      Object.assign(draft, JSON.parse(event.newValue));
      boxes.forEach(unfold);
      additions.fill(draft.additions);
      refresh();
    });
    again(work);
    cache();
  }
})();
