package programme

import (
	"bytes"
	"fmt"
	"strconv"
)

var programmeKeys = []string{
	"programme", "version", "title", "replaces", "clarifies", "valid", "pinned-by", "time-zone", "sources", "assumes", "assumptions",
	"parameters", "tracks", "registration", "classes", "modules", "topics", "periods", "awards", "rubrics", "questions", "submissions", "tasks", "measures", "requirements",
	"after", "statuses", "shown-only", "words", "based-on", "base-award", "changes", "overlay",
}

// Parse reads one programme and checks it. The error is an Errors with every
// mistake found. The result holds a copy of src and its digest.
func Parse(src []byte) (*Programme, error) {
	r := newReader(read(src))
	if len(r.errs) == 0 {
		r.programme()
	}
	if len(r.errs) == 0 {
		r.check()
	}
	if len(r.errs) > 0 {
		return nil, r.errs.shown()
	}
	for i, prm := range r.p.Parameters {
		r.p.Parameters[i].used = r.paramUsed[prm.Key]
	}
	r.p.Bytes, r.p.Digest = bytes.Clone(src), digestOf(src)
	return r.p, nil
}

func newReader(src *source) *reader {
	return &reader{
		source: src, p: &Programme{},
		paramUsed: map[string][]string{}, paramAt: map[string]*node{}, paramBroken: map[string]bool{},
		assumed: map[string]bool{}, assumedAt: map[string]*node{},
		usedKeys: map[string]bool{}, requireAt: map[string]*node{}, measureUnit: map[string]amount{}, measureAt: map[string]*node{},
		kindAt: map[string]*node{},
	}
}

// programme reads the sections in an order in which names are declared before
// they are used. Only moments look ahead, and are resolved by check.
func (r *reader) programme() {
	if r.unresolved() {
		return
	}
	t, ok := r.open(r.root, "", "a programme", programmeKeys...)
	if !ok {
		return
	}
	r.header(t)
	r.basedOn(t)
	r.sources(t.get("sources"))
	r.assumptions(t.get("assumptions"))
	r.p.Assumes = t.assumes()
	r.parameters(t.get("parameters"))
	r.tracks(t.get("tracks"))
	r.registration(t.get("registration"))
	r.classes(t.get("classes"))
	r.curriculum(t.get("modules"))
	r.topics(t.get("topics"))
	r.modulesOfParameters()
	r.periods(t.get("periods"))
	r.awards(t.need("awards", "a programme"))
	r.rubrics(t.get("rubrics"))
	r.questions(t.get("questions"))
	r.submissions(t.get("submissions"))
	r.tasks(t.get("tasks"))
	r.measures(t.get("measures"))
	r.requirements(t.need("requirements", "a programme"))
	r.statuses(t.get("statuses"))
	r.after(t.get("after"))
	r.p.ShownOnly = r.slugs(t.get("shown-only"), "shown-only")
	r.words(t.get("words"))
	r.renames()
}

func (r *reader) header(t table) {
	if n := t.need("programme", "a programme"); n != nil {
		r.p.ID = r.slug(n, "programme")
	}
	if n := t.need("version", "a programme"); n != nil {
		r.p.Version = r.versionNumber(n, "version")
	}
	if n := t.need("title", "a programme"); n != nil {
		r.p.Title = r.text(n, "title")
	}
	if n := t.get("replaces"); n != nil {
		r.p.Replaces = r.versionNumber(n, "replaces")
		if r.p.Replaces >= r.p.Version && r.p.Version > 0 {
			r.fail(n, "replaces", "a version replaces an earlier one", "version %d cannot replace version %d", r.p.Version, r.p.Replaces)
		}
	}
	if n := t.get("clarifies"); n != nil {
		r.p.Clarifies = r.versionNumber(n, "clarifies")
		if r.p.Clarifies >= r.p.Version && r.p.Version > 0 {
			r.fail(n, "clarifies", "a version clarifies an earlier one", "version %d cannot clarify version %d", r.p.Version, r.p.Clarifies)
		}
	}
	if n := t.need("valid", "a programme"); n != nil {
		r.valid(n)
	}
	if n := t.need("pinned-by", "a programme"); n != nil {
		r.p.PinnedBy = r.oneOf(n, "pinned-by", []string{"registration", "application", "decision", "period"})
	}
	if n := t.need("time-zone", "a programme"); n != nil && !r.supplied(n, "time-zone") && r.isWord(n, "time-zone") {
		if r.p.TimeZone = n.text; !zoneName.MatchString(n.text) {
			r.fail(n, "time-zone", "write an IANA name, such as America/Toronto, or UTC", "%q is not a time zone", n.text)
		}
	}
}

func (r *reader) versionNumber(n *node, path string) int {
	if !r.isWord(n, path) {
		return 0
	}
	v, err := strconv.Atoi(n.text)
	if err != nil || v < 1 || v > VersionMax || strconv.Itoa(v) != n.text || n.quoted {
		r.fail(n, path, fmt.Sprintf("versions are whole numbers from 1 to %d", VersionMax), "%q is not a version", n.text)
		return 0
	}
	return v
}

func (r *reader) valid(n *node) {
	t, ok := r.open(n, "valid", "valid", "from", "until")
	if !ok {
		return
	}
	if from := t.need("from", "valid"); from != nil && !r.supplied(from, "valid/from") {
		r.p.Valid.From = r.date(from, "valid/from")
	}
	if until := t.get("until"); until != nil {
		r.p.Valid.Until = r.date(until, "valid/until")
		if r.p.Valid.Until != "" && r.p.Valid.Until < r.p.Valid.From {
			r.fail(until, "valid/until", "", "the last day %s is before the first, %s", r.p.Valid.Until, r.p.Valid.From)
		}
	}
}

func (r *reader) date(n *node, path string) string {
	if !r.isWord(n, path) {
		return ""
	}
	if !isDate(n.text) {
		r.fail(n, path, "write year, month and day: 2026-04-20", "%q is not a day of the calendar", n.text)
		return ""
	}
	return n.text
}

func (r *reader) sources(n *node) {
	if n == nil {
		return
	}
	if n.kind != tableNode {
		r.fail(n, "sources", "", "sources must be a table from id to title, not %s", n.kind)
		return
	}
	r.p.Sources = map[string]string{}
	for _, pr := range n.pairs {
		path := join("sources", pr.key.text)
		if !sourceID.MatchString(pr.key.text) {
			r.fail(pr.key, path, "use letters, digits and hyphens", "%q cannot be the id of a source", pr.key.text)
			continue
		}
		r.p.Sources[pr.key.text] = r.text(pr.value, path)
	}
}

func (r *reader) assumptions(n *node) {
	if n == nil {
		return
	}
	if n.kind != tableNode {
		r.fail(n, "assumptions", "", "assumptions must be a table from id to sentence, not %s", n.kind)
		return
	}
	for _, pr := range n.pairs {
		path := join("assumptions", pr.key.text)
		if !sourceID.MatchString(pr.key.text) {
			r.fail(pr.key, path, "use letters, digits and hyphens: A1", "%q cannot be the id of an assumption", pr.key.text)
			continue
		}
		r.assumedAt[pr.key.text] = pr.key
		r.p.Assumptions = append(r.p.Assumptions, Assumption{pr.key.text, r.text(pr.value, path)})
	}
}
