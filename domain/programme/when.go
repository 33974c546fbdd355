package programme

// whenKeys name what a requirement may wait for, one of which a when has.
var whenKeys = []string{"parameter", "filed", "has", "track"}

// when reads the condition under which a requirement applies.
func (r *reader) when(n *node, path, owner string) *When {
	if n == nil {
		return nil
	}
	t, ok := r.open(n, path, "when", append(append([]string{}, whenKeys...), "from", "until", "unless")...)
	if !ok {
		return nil
	}
	kind := ""
	for _, key := range whenKeys {
		if t.get(key) == nil {
			continue
		}
		if kind != "" {
			r.fail(t.key(key), t.at(key), "write two requirements, or one condition", "when has one condition; this one has %s and %s", kind, key)
			return nil
		}
		kind = key
	}
	w := &When{Unless: t.truth("unless", false)}
	given := t.get(kind)
	switch kind {
	case "":
		r.fail(n, path, "write {parameter: name}, {filed: submission, until: 2026-12-31}, {has: {kind: …}} or {track: name}", "when has no condition")
		return nil
	case "parameter":
		if v, ok := r.parameter(given, t.at(kind), shapeTruth); ok && r.isWord(given, path) {
			w.Parameter, w.Holds = given.text, *v.Truth
		}
	case "has":
		w.Has = r.has(given, t.at(kind), owner)
	case "track":
		w.Track = r.reference(given, t.at(kind), "track", r.p.Tracks)
	case "filed":
		r.whenFiled(t, given, w, owner)
		return w
	}
	for _, key := range []string{"from", "until"} {
		if n := t.get(key); n != nil {
			hint := ""
			if kind == "has" {
				hint = "write dated: within has"
			}
			r.fail(n, t.at(key), hint, "%q does not go with %s", key, called[kind])
		}
	}
	return w
}

// called says a condition with its article.
var called = map[string]string{"parameter": "a parameter", "has": "has", "track": "a track"}

func (r *reader) whenFiled(t table, given *node, w *When, owner string) {
	if w.Filed = r.reference(given, t.at("filed"), "submission", r.submissionKeys()); w.Filed != "" {
		r.usedKeys["submission "+w.Filed] = true
	}
	w.Received = &Window{From: r.moments(t.get("from"), t.at("from"), owner), Until: r.moments(t.get("until"), t.at("until"), owner)}
	r.daysInOrder(t, w.Received)
}
