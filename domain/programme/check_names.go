package programme

import "slices"

// renamed checks the names that requirements had in the version before: what
// stands there now, or was given away already, is another requirement.
func (r *reader) renamed() {
	taken := keys(r.p.Requirements, func(q Requirement) string { return q.Key })
	for _, q := range r.p.Requirements {
		if q.Was == "" {
			continue
		}
		if slices.Contains(taken, q.Was) {
			r.fail(r.requireAt[q.Key], "requirements/"+q.Key+"/was", "was names the key that this requirement had before, and that nothing has now", "%s cannot have been called %s: another requirement is, or was", q.Key, q.Was)
		}
		taken = append(taken, q.Was)
	}
}
