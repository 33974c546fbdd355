package programme

import (
	"slices"
	"strings"
)

// A Difference is what changes from one programme to another: two versions, or
// a base and what is laid over it. It has no chapters where they say the same.
type Difference struct {
	From     Named           `json:"from"`
	To       Named           `json:"to"`
	Chapters []DiffedChapter `json:"chapters,omitempty"`
}

// Named is which programme one side of a Difference is.
type Named struct {
	Programme string `json:"programme"`
	Version   int    `json:"version"`
	Title     string `json:"title"`
	Digest    string `json:"digest"`
}

// DiffedChapter is what changes in a section.
type DiffedChapter struct {
	Key   string       `json:"key"`
	Title string       `json:"title"`
	Items []DiffedItem `json:"items"`
}

// What becomes of an item in a Difference.
const (
	DiffAdded   = "added"
	DiffRemoved = "removed"
	DiffChanged = "changed"
	DiffRenamed = "renamed" // says so itself with `was`; may be changed as well
)

// DiffedItem is what changes of one named thing. Lines of an added or removed
// item say all that it says.
type DiffedItem struct {
	Key   string       `json:"key"`
	Does  string       `json:"does"`
	Was   string       `json:"was,omitempty"` // the old key of what was renamed
	Lines []DiffedLine `json:"lines,omitempty"`
}

// DiffedLine is one thing said before and after; either may be empty.
type DiffedLine struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Note   string `json:"note,omitempty"` // "stricter", "less strict" of a parameter that says which it is
}

// None reports whether both programmes say the same.
func (d *Difference) None() bool { return len(d.Chapters) == 0 }

// Diff says what changes from a to b. The order of names in the files never
// matters, nor does what is said in comments.
func Diff(a, b *Programme) *Difference {
	d := &Difference{From: named(a), To: named(b)}
	was, is := Describe(a), Describe(b)
	for _, c := range is.Chapters {
		d.add(c.Key, c.Title, itemsOf(was.chapter(c.Key)), itemsOf(c), a, b)
	}
	for _, c := range was.Chapters {
		if len(is.chapter(c.Key).Items) == 0 {
			d.add(c.Key, c.Title, itemsOf(c), nil, a, b)
		}
	}
	return d
}

func named(p *Programme) Named { return Named{p.ID, p.Version, p.Title, p.Digest} }

func (d *Document) chapter(key string) Chapter {
	i := slices.IndexFunc(d.Chapters, func(c Chapter) bool { return c.Key == key })
	if i < 0 {
		return Chapter{}
	}
	return d.Chapters[i]
}

// itemsOf are a chapter's items with their children beside them, and without
// what is only repeated.
func itemsOf(c Chapter) []Item {
	var out []Item
	var flat func(list []Item)
	flat = func(list []Item) {
		for _, i := range list {
			one := Item{Key: i.Key, Lead: i.Lead, was: i.was}
			if c.alone() {
				one.Key = c.Key
			}
			for _, l := range i.Lines {
				if !l.told {
					one.Lines = append(one.Lines, l)
				}
			}
			out = append(out, one)
			flat(i.Items)
		}
	}
	flat(c.Items)
	return out
}

func (d *Difference) add(key, title string, was, is []Item, a, b *Programme) {
	c := DiffedChapter{Key: key, Title: title}
	kept := map[string]bool{}
	for _, i := range is {
		old, ok := itemBefore(was, is, i)
		if !ok {
			c.Items = append(c.Items, wholeItem(i, DiffAdded))
			continue
		}
		kept[old.Key] = true
		one := DiffedItem{Key: i.Key, Does: DiffChanged, Lines: linesThatDiffer(old, i)}
		if old.Key != i.Key {
			one.Does, one.Was = DiffRenamed, old.Key
		}
		if key == "parameters" {
			noteStrictness(&one, a, b)
		}
		if len(one.Lines) > 0 || one.Does == DiffRenamed && i.was != "" { // a part goes with the whole
			c.Items = append(c.Items, one)
		}
	}
	for _, i := range was {
		if !kept[i.Key] {
			c.Items = append(c.Items, wholeItem(i, DiffRemoved))
		}
	}
	if len(c.Items) > 0 {
		d.Chapters = append(d.Chapters, c)
	}
}

// itemBefore finds what an item was: the item of the same key, or of the key that
// it, or what it is part of, says it had.
func itemBefore(was, is []Item, i Item) (Item, bool) {
	if old, ok := find(was, i.Key, itemKey); ok {
		return old, true
	}
	top, rest := cutPath(i.Key)
	parent, ok := find(is, top, itemKey)
	if !ok || parent.was == "" {
		return Item{}, false
	}
	return find(was, join2(parent.was, rest), itemKey)
}

func itemKey(i Item) string { return i.Key }

func join2(first, rest string) string {
	if rest == "" {
		return first
	}
	return first + "/" + rest
}

// wholeItem is everything that an added or removed item says.
func wholeItem(i Item, does string) DiffedItem {
	none := Item{Key: i.Key}
	out := DiffedItem{Key: i.Key, Does: does}
	if does == DiffAdded {
		out.Lines = linesThatDiffer(none, i)
	} else {
		out.Lines = linesThatDiffer(i, none)
	}
	return out
}

func linesThatDiffer(was, is Item) []DiffedLine {
	var out []DiffedLine
	if was.Lead != is.Lead {
		out = append(out, DiffedLine{Key: "says", Label: "Says", Before: was.Lead, After: is.Lead})
	}
	for _, l := range is.Lines {
		if old := was.line(l.Key); old != l.Says {
			out = append(out, DiffedLine{Key: l.Key, Label: l.Label, Before: old, After: l.Says})
		}
	}
	for _, l := range was.Lines {
		if is.line(l.Key) == "" {
			out = append(out, DiffedLine{Key: l.Key, Label: l.Label, Before: l.Says})
		}
	}
	return slices.DeleteFunc(out, func(l DiffedLine) bool { return l.Key == "was" })
}

// noteStrictness says of a parameter's new value whether it asks more or less.
func noteStrictness(i *DiffedItem, a, b *Programme) {
	was, _ := a.Parameter(i.Key)
	is, _ := b.Parameter(i.Key)
	for n := range i.Lines {
		if i.Lines[n].Key == "is" {
			i.Lines[n].Note = strictness(was, is)
		}
	}
}

// strictness of a new value: by the parameter's own word, where every number
// moves the same way.
func strictness(was, is Parameter) string {
	if was.Stricter == "" || was.Stricter != is.Stricter || was.Is.Unit != is.Is.Unit || was.Is.shape() != is.Is.shape() {
		return ""
	}
	old, now := was.Is.figures(), is.Is.figures()
	if len(old) != len(now) {
		return ""
	}
	up, down := false, false
	for i := range old {
		up, down = up || now[i] > old[i], down || now[i] < old[i]
	}
	if up == down {
		return ""
	}
	if up == (was.Stricter == "higher") {
		return "stricter"
	}
	return "less strict"
}

// figures are the numbers of a value in an order of their own.
func (v Value) figures() []int64 {
	switch v.shape() {
	case shapeNumber:
		return []int64{v.Number}
	case shapeNumbers:
		return v.Numbers
	}
	return nil
}

// Markdown says the difference for a page.
func (d *Difference) Markdown() string {
	var b strings.Builder
	b.WriteString("# " + escaped(d.heading()) + "\n")
	if d.None() {
		b.WriteString("\n" + d.nothing() + "\n")
	}
	for _, c := range d.Chapters {
		b.WriteString("\n## " + c.Title + "\n\n")
		for _, i := range c.Items {
			b.WriteString("- **`" + i.Key + "`** " + i.does("`") + "\n")
			for _, l := range i.Lines {
				b.WriteString("  - " + l.Label + ": " + l.words(escaped) + "\n")
			}
		}
	}
	return b.String()
}

// Text says the difference for a terminal.
func (d *Difference) Text() string {
	var b strings.Builder
	b.WriteString(d.heading() + "\n")
	if d.None() {
		b.WriteString("\n" + d.nothing() + "\n")
	}
	for _, c := range d.Chapters {
		b.WriteString("\n" + strings.ToUpper(c.Title) + "\n")
		for _, i := range c.Items {
			b.WriteString("  " + i.Key + " " + i.does("") + "\n")
			for _, l := range i.Lines {
				b.WriteString("    " + l.Label + ": " + l.words(func(s string) string { return s }) + "\n")
			}
		}
	}
	return b.String()
}

func (d *Difference) heading() string {
	from, to := d.From.Programme+" version "+number(int64(d.From.Version)), d.To.Programme+" version "+number(int64(d.To.Version))
	if d.From.Programme == d.To.Programme && d.From.Version != d.To.Version {
		to = "version " + number(int64(d.To.Version))
	}
	return "What changes from " + from + " to " + to
}

func (d *Difference) nothing() string {
	if d.From.Digest == d.To.Digest {
		return "Nothing: it is the same text."
	}
	return "Nothing: the texts differ in comments, order or layout only."
}

func (i DiffedItem) does(quote string) string {
	switch i.Does {
	case DiffAdded:
		return "is new"
	case DiffRemoved:
		return "is gone"
	case DiffRenamed:
		return "was called " + quote + i.Was + quote
	}
	return "changes"
}

func (l DiffedLine) words(text func(string) string) string {
	s := ""
	switch {
	case l.Before == "":
		s = text(l.After)
	case l.After == "":
		s = "no longer: " + text(l.Before)
	default:
		s = text(l.Before) + " → " + text(l.After)
	}
	if l.Note != "" {
		s += " (" + l.Note + ")"
	}
	return s
}
