package programme

import "slices"

// questionAsked reads the question that a test looks at.
func (r *reader) questionAsked(t table, n *node, test string) string {
	key := r.reference(n, t.at(test), "question", r.questionKeys())
	if key == "" {
		return ""
	}
	r.usedKeys["question "+key] = true
	if question, _ := r.p.Question(key); question.ShownOnly {
		r.fail(n, t.at(test), "delete shown-only from the question", "the question %s is shown only, so no requirement may ask it", key)
	}
	return key
}

// lastOf reads `number: last`.
func (r *reader) lastOf(t table, q Question) bool {
	n := t.get("number")
	if n == nil || r.oneOf(n, t.at("number"), []string{"last"}) == "" {
		return false
	}
	if q.Numbered == "" {
		r.fail(n, t.at("number"), "", "the answers to %s are not numbered", q.Key)
	}
	return true
}

// signers reads who must have signed a judgement. Whoever judges signs by
// judging.
func (r *reader) signers(t table, q Question) []string {
	n := t.get("signed-by")
	if n == nil {
		return nil
	}
	roles := r.roles(n, t.at("signed-by"))
	if q.Several != "latest" && q.Several != "" {
		r.fail(n, t.at("signed-by"), "write several: latest in the question", "several judgements of %s may count at once, so it is not clear which is signed", q.Key)
	}
	if len(roles) == 1 && slices.Contains(roles, q.AskedOf) {
		r.fail(n, t.at("signed-by"), "name who else signs, or delete it", "the %s signs by judging", q.AskedOf)
	}
	return roles
}
