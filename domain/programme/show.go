package programme

import (
	"slices"
	"strings"
)

// A Document is a programme in words, for people who do not read YAML. It says
// everything that a result depends on, and depends on the programme alone.
type Document struct {
	Programme string    `json:"programme"`
	Version   int       `json:"version"`
	Title     string    `json:"title"`
	Digest    string    `json:"digest"`
	Chapters  []Chapter `json:"chapters"`
}

// A Chapter is what a section of the programme says. Its key is the section's.
type Chapter struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Items []Item `json:"items"`

	grid    bool // items read best as rows of a table
	ordered bool // items are steps in time
}

// An Item is one named thing: an award, a requirement, a parameter. Its key is
// its path in the section.
type Item struct {
	Key   string `json:"key"`
	Lead  string `json:"lead,omitempty"` // what it says in one sentence, in the words of its author
	Lines []Line `json:"lines,omitempty"`
	Items []Item `json:"items,omitempty"` // children of a requirement, phases, sections of a rubric

	was string // the key that it had in the version before
}

// A Line is one thing said about an item. Its key is the word of the language.
type Line struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Says  string `json:"says"`

	told bool // is said elsewhere too, and is repeated for the reader
}

// Describe says a programme in words.
func Describe(p *Programme) *Document {
	d := &Document{Programme: p.ID, Version: p.Version, Title: p.Title, Digest: p.Digest}
	t := teller{p}
	for _, c := range []Chapter{
		{Key: "programme", Title: "This programme", Items: t.header()},
		{Key: "based-on", Title: "Changes to the base", Items: t.base()},
		{Key: "awards", Title: "What is asked", Items: t.awards()},
		{Key: "periods", Title: "Periods", Items: t.periods()},
		{Key: "requirements", Title: "Requirements", Items: t.requirements()},
		{Key: "measures", Title: "How totals are reckoned", Items: t.measures()},
		{Key: "after", Title: "After the end of a period", Items: t.after(), ordered: true},
		{Key: "statuses", Title: "Statuses", Items: t.statuses()},
		{Key: "parameters", Title: "Parameters", Items: t.parameters(), grid: true},
		{Key: "registration", Title: "Registration", Items: t.registration(), grid: true},
		{Key: "classes", Title: "Classes", Items: t.classes()},
		{Key: "modules", Title: "What is taught", Items: t.curriculum()},
		{Key: "topics", Title: "What should be taught, and which modules cover it", Items: t.topics()},
		{Key: "questions", Title: "Questions that people answer", Items: t.questions()},
		{Key: "rubrics", Title: "Rubrics", Items: t.rubrics()},
		{Key: "submissions", Title: "Submissions", Items: t.submissions()},
		{Key: "tasks", Title: "Tasks", Items: t.tasks()},
		{Key: "shown-only", Title: "Recorded and shown, never computed", Items: t.shownOnly()},
		{Key: "words", Title: "Words for generic acts", Items: t.words(), grid: true},
		{Key: "assumptions", Title: "Assumptions", Items: t.assumptions()},
		{Key: "sources", Title: "Sources", Items: t.sources()},
	} {
		c.renamed(p)
		if c.unsupplied(p); len(c.Items) > 0 {
			d.Chapters = append(d.Chapters, c)
		}
	}
	return d
}

// renamed notes which keys the items of a section had in the version before.
func (c *Chapter) renamed(p *Programme) {
	for _, x := range p.Renamed {
		section, key := cutPath(x.Path)
		_, was := cutPath(x.Was)
		for i := range c.Items {
			if item := &c.Items[i]; section == c.Key && item.Key == key {
				item.was = was
				item.Lines = append(item.Lines, Line{Key: "was", Label: "Was called", Says: was})
			}
		}
	}
}

// unsupplied notes where a number stands for one that is to be supplied.
func (c *Chapter) unsupplied(p *Programme) {
	for _, prm := range p.Parameters {
		if !prm.Required {
			continue
		}
		for i := range c.Items {
			item := &c.Items[i]
			at := c.Key + "/" + item.Key + "/"
			if slices.ContainsFunc(prm.used, func(path string) bool { return strings.HasPrefix(path, at) }) {
				item.Lines = append(item.Lines, Line{Key: "required/" + prm.Key, Label: "To be supplied", Says: prm.Key + "; the number said in its place means nothing"})
			}
		}
	}
}

// teller says the parts of one programme.
type teller struct{ p *Programme }

// lines gathers what is said about an item; what is empty is left out.
type lines []Line

func (l *lines) add(key, label, says string) {
	if says != "" {
		*l = append(*l, Line{Key: key, Label: label, Says: says})
	}
}

// repeat adds what is said elsewhere as well.
func (l *lines) repeat(key, label, says string) {
	if says != "" {
		*l = append(*l, Line{Key: key, Label: label, Says: says, told: true})
	}
}

// rests adds what an item rests on.
func (l *lines) rests(source, assumes []string) {
	l.add("source", "Source", and(source))
	l.add("assumes", "Assumes", and(assumes))
}

func (t teller) header() []Item {
	p := t.p
	var l lines
	l.add("programme", "Programme", p.ID)
	l.add("version", "Version", number(int64(p.Version)))
	l.add("title", "Title", p.Title)
	if p.Replaces > 0 {
		l.add("replaces", "Replaces", "version "+number(int64(p.Replaces)))
	}
	if p.Clarifies > 0 {
		l.add("clarifies", "Clarifies", "version "+number(int64(p.Clarifies)))
	}
	l.add("valid", "Valid", validWords(p.Valid))
	l.add("pinned-by", "Which version counts", pinWords(p.PinnedBy))
	l.add("time-zone", "Days are days in", p.TimeZone)
	if p.BasedOn != nil {
		l.add("based-on", "Based on", baseWords(p.BasedOn))
		l.add("base-award", "The base's own question", p.BasedOn.Award)
	}
	l.add("required", "To be supplied before publishing", and(p.Required))
	l.add("tracks", "Tracks", and(spokenAll(p.Tracks)))
	l.add("assumes", "Assumes", and(p.Assumes))
	return []Item{{Key: p.ID, Lines: l}}
}

func validWords(v Validity) string {
	switch {
	case v.From == "" && v.Until == "":
		return ""
	case v.Until == "":
		return "from " + v.From
	}
	return "from " + v.From + " until " + v.Until + ", both days included"
}

func pinWords(pin string) string {
	switch pin {
	case "registration":
		return "the one in force on the day of registration"
	case "application":
		return "the one in force on the day on which the application was received"
	case "decision":
		return "the one in force on the day on which the rules are asked"
	case "period":
		return "for each period the one in force on its last day"
	}
	return pin
}

func baseWords(b *Base) string {
	s := b.Programme + " version " + number(int64(b.Version))
	if b.Digest != "" {
		s += " (" + b.Digest + ")"
	}
	for _, x := range b.Over {
		s += ", over " + versionName(x.Programme, x.Version) + " (" + x.Digest + ")"
	}
	return s
}

// base says clause by clause what an overlay does.
func (t teller) base() []Item {
	if t.p.BasedOn == nil {
		return nil
	}
	var out []Item
	for _, c := range t.p.BasedOn.Changes {
		var l lines
		does := map[string]string{
			DoesAdd: "added", DoesReplace: "replaced", DoesSet: "set", DoesRemove: "removed", DoesDrop: "dropped: nothing asks for it any more",
			DoesKeep: "the base's own, kept",
		}[c.Does]
		if does == "" {
			does = c.Does
		}
		if c.Loosens {
			does += "; this asks less than the base"
		}
		l.add("does", "Change", does)
		l.add("because", "Because", c.Because)
		l.repeat("now", "Now", t.now(c.Path))
		out = append(out, Item{Key: c.Path, Lines: l})
	}
	return out
}

// now is what stands where an overlay changed something.
func (t teller) now(path string) string {
	section, key := cutPath(path)
	switch section {
	case "requirements":
		if q, _, ok := t.p.Requirement(key); ok {
			return q.Says
		}
	case "parameters":
		if prm, ok := t.p.Parameter(key); ok {
			return valueWords(prm.Is)
		}
	}
	return ""
}

func (t teller) shownOnly() []Item {
	var out []Item
	for _, kind := range t.p.ShownOnly {
		out = append(out, Item{Key: kind})
	}
	return out
}

func (t teller) words() []Item {
	var out []Item
	for _, w := range t.p.Words {
		var l lines
		l.add("act", "Act", w.Act)
		l.add("of", "Of", w.Of)
		var args []string
		for _, k := range sorted(w.Args) {
			args = append(args, k+": "+w.Args[k])
		}
		l.add("with", "With", comma(args))
		out = append(out, Item{Key: w.Name, Lines: l})
	}
	return out
}

func (t teller) assumptions() []Item {
	var out []Item
	for _, a := range t.p.Assumptions {
		out = append(out, Item{Key: a.ID, Lead: a.Says})
	}
	return out
}

func (t teller) sources() []Item {
	var out []Item
	for _, id := range sorted(t.p.Sources) {
		out = append(out, Item{Key: id, Lead: t.p.Sources[id]})
	}
	return out
}
