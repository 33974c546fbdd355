package programme

import "slices"

// acts are the generic acts a word may stand for. `answer` is also an argument
// of the others, so it is the act only where no other is given.
var acts = []string{
	"record", "sign", "dispute", "void", "judge", "ask", "extend", "confirm", "fulfil", "file", "waive", "decide", "deny",
	"revoke", "suspend", "reinstate", "renew", "surrender", "expect", "answer",
}

var wordArguments = []string{
	"about", "answer", "as", "by", "category", "dated", "due-days", "effective", "every", "id", "level", "mode", "number", "of", "outcome",
	"provider", "quantity", "ratings", "reason", "title", "unit", "with",
}

func (r *reader) words(n *node) {
	r.named(n, "words", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a word", append(slices.Clone(acts), wordArguments...)...)
		if !ok {
			return
		}
		w := Word{Name: key.text, Args: map[string]string{}}
		for _, act := range acts {
			if t.get(act) == nil || act == "answer" && w.Act != "" {
				continue
			}
			if w.Act != "" {
				r.fail(t.key(act), path, "", "a word stands for one act; this one has %s and %s", w.Act, act)
				return
			}
			w.Act = act
		}
		if w.Act == "" {
			r.fail(value, path, "acts are "+list(acts), "the word %s stands for no act", key.text)
			return
		}
		if slices.Contains(acts, key.text) {
			r.fail(key, path, "", "%s is a generic act and cannot be given another meaning", key.text)
		}
		w.Of = r.concerned(t, w.Act)
		for _, pr := range value.pairs {
			if pr.key.text != w.Act && r.isWord(pr.value, t.at(pr.key.text)) {
				w.Args[pr.key.text] = pr.value.text
			}
		}
		if w.Act == "expect" && w.Of == "counted" {
			if of := t.need("of", "the expectation counted"); of != nil {
				r.reference(of, t.at("of"), "measure", r.measureKeys())
			}
		}
		r.p.Words = append(r.p.Words, w)
	})
}

// concerned reads what an act concerns: something the programme declares, or a
// kind of evidence.
func (r *reader) concerned(t table, act string) string {
	n, path := t.get(act), t.at(act)
	switch act {
	case "judge":
		return r.reference(n, path, "question", r.questionKeys())
	case "ask", "extend", "confirm", "fulfil":
		return r.reference(n, path, "task", r.taskKeys())
	case "file":
		return r.reference(n, path, "submission", r.submissionKeys())
	case "answer":
		if n.kind == wordNode && r.kindAt[n.text] != nil {
			return n.text
		}
		return r.reference(n, path, "submission or kind of evidence", append(r.submissionKeys(), sorted(r.kindAt)...))
	case "decide", "deny", "revoke", "suspend", "reinstate", "renew", "surrender":
		return r.reference(n, path, "award", r.awardKeys())
	case "waive":
		return r.reference(n, path, "requirement", keys(r.p.Requirements, func(q Requirement) string { return q.Key }))
	}
	return r.slug(n, path)
}
