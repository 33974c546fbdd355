package programme

import "slices"

// test reads the test of a requirement or child. It gives nil after a mistake.
func (r *reader) test(t table, key string, q *Requirement) Test {
	n := t.get(key)
	switch key {
	case "count":
		return r.countTest(t, n, q.Path)
	case "sum":
		if reaches := t.get("reaches"); reaches != nil {
			return r.reaches(t, n, reaches, q)
		}
		return r.sumTest(t, n, q.Path)
	case "has":
		if h := r.has(n, t.at("has"), q.Path); h != nil {
			return *h
		}
	case "elapsed":
		return r.elapsed(t, n, q.Path)
	case "judged":
		if j := r.judged(t, n); j != nil {
			return *j
		}
	case "rated":
		return r.rated(t, n)
	case "tasks":
		return r.tasksTest(t, n)
	case "submission":
		return r.submissionTest(t, n)
	case "at-each":
		return r.atEach(t, n, q.Path)
	case "registration":
		if state := r.oneOf(n, t.at("registration"), []string{"no-show", "withdrawn"}); state != "" {
			return RegistrationIs{State: state}
		}
	default:
		return r.combined(t, key, n, q.Path)
	}
	return nil
}

func (r *reader) judged(t table, n *node) *Judged {
	key := r.questionAsked(t, n, "judged")
	if key == "" {
		return nil
	}
	question, _ := r.p.Question(key)
	j := &Judged{Question: key, SignedBy: r.signers(t, question)}
	if n := t.get("at-least"); n != nil {
		j.AtLeast = r.reference(n, t.at("at-least"), "answer of "+key, question.Answers)
		if j.AtLeast != "" && j.AtLeast == question.Answers[0] {
			r.fail(n, t.at("at-least"), "leave at-least out to ask for any answer", "every answer is at least %s", j.AtLeast)
		}
	}
	j.Last = r.lastOf(t, question)
	return j
}

func (r *reader) tasksTest(t table, n *node) Test {
	d := TasksDone{Kind: r.reference(n, t.at("tasks"), "task", r.taskKeys())}
	r.usedKeys["task "+d.Kind] = true
	are := t.need("are", "a requirement on tasks")
	if are == nil || r.oneOf(are, t.at("are"), []string{"all done"}) == "" || d.Kind == "" {
		return nil
	}
	if n := t.get("count-at-least"); n != nil {
		d.CountAtLeast, _ = r.count(n, t.at("count-at-least"), 0, NumberMax)
	}
	return d
}

func (r *reader) submissionTest(t table, n *node) Test {
	s := Submitted{Kind: r.reference(n, t.at("submission"), "submission", r.submissionKeys())}
	r.usedKeys["submission "+s.Kind] = true
	is := t.need("is", "a requirement on a submission")
	if is == nil || s.Kind == "" {
		return nil
	}
	sub, _ := r.p.Submission(s.Kind)
	s.Is = r.reference(is, t.at("is"), "answer of "+s.Kind, append([]string{"filed"}, sub.Answers...))
	return s
}

func (r *reader) atEach(t table, n *node, owner string) Test {
	e := AtEach{}
	at, ok := r.open(n, t.at("at-each"), "at-each", "step", "of")
	if !ok {
		return nil
	}
	step, of := at.need("step", "at-each"), at.need("of", "at-each")
	if step == nil || of == nil || !r.isWord(step, at.at("step")) {
		return nil
	}
	v, ok := r.parameter(step, at.at("step"), shapeNumbers)
	if e.Measure = r.reference(of, at.at("of"), "measure", r.measureKeys()); !ok || e.Measure == "" {
		return nil
	}
	r.usedKeys["measure "+e.Measure] = true
	r.compared(e.Measure, amount{unit: v.Unit, noun: v.Noun}, step, at.at("step"))
	e.Steps = slices.Clone(v.Numbers)
	for i, s := range e.Steps {
		if s <= 0 || i > 0 && s <= e.Steps[i-1] {
			r.fail(step, at.at("step"), "", "the numbers of %s do not ascend", step.text)
			break
		}
	}
	has, judged := t.get("has"), t.get("judged")
	switch {
	case (has == nil) == (judged == nil):
		r.fail(n, t.path, "write has or judged beside at-each", "at-each repeats one test, has or judged")
		return nil
	case has != nil:
		if least := t.get("at-least"); least != nil {
			r.fail(least, t.at("at-least"), "", "%q does not go with has", "at-least")
		}
		if e.Has = r.has(has, t.at("has"), owner); e.Has != nil && e.Has.Person != "" {
			r.fail(has, t.at("has"), "write a requirement of its own for it", "%q does not go with at-each", "needs-person")
		}
	default:
		if e.Judged = r.judged(t, judged); e.Judged == nil {
			return nil
		}
		if q, _ := r.p.Question(e.Judged.Question); q.Numbered != step.text {
			r.fail(judged, t.at("judged"), "write numbered: "+step.text+" in the question", "the answers to %s are not numbered by %s", q.Key, step.text)
		}
	}
	if n := t.get("late"); n != nil {
		e.Late = r.late(n, t.at("late"))
		if judged != nil {
			r.fail(n, t.at("late"), "", "only evidence can be late, not a judgement")
		}
	}
	return e
}

func (r *reader) late(n *node, path string) *Late {
	t, ok := r.open(n, path, "late", "from", "unless", "raises")
	if !ok {
		return nil
	}
	if n := t.need("from", "late"); n != nil {
		r.oneOf(n, t.at("from"), []string{"next step"})
	}
	return &Late{Unless: t.slug("unless"), Raises: t.slug("raises")}
}

func (r *reader) combined(t table, op string, n *node, owner string) Test {
	c := Combined{Op: op}
	path := t.at(op)
	if op == "at-least-of" {
		at, ok := r.open(n, path, op, "n", "of")
		if !ok {
			return nil
		}
		number, of := at.need("n", op), at.need("of", op)
		if number == nil || of == nil {
			return nil
		}
		if c.N, ok = r.count(number, at.at("n"), 1, NumberMax); !ok {
			return nil
		}
		if of.kind == tableNode && c.N > int64(len(of.pairs)) {
			r.fail(number, at.at("n"), "", "at least %d of %d can never be met", c.N, len(of.pairs))
		}
		n, path = of, at.at("of")
	}
	if n.kind != tableNode || len(n.pairs) == 0 {
		r.fail(n, path, "give each child a name", "%s needs a table of named requirements, not %s", op, n.kind)
		return nil
	}
	r.named(n, path, func(key, value *node, path string) {
		t, test, ok := r.openRequirement(value, path, childKeys)
		if !ok {
			return
		}
		child := r.common(t, key, join(owner, key.text))
		r.requireAt[child.Path] = key
		child.Test = r.test(t, test, &child)
		c.Children = append(c.Children, child)
	})
	return c
}
