package programme

import (
	"slices"
	"strconv"
	"strings"
)

// rubrics reads items that people rate.
func (r *reader) rubrics(n *node) {
	r.named(n, "rubrics", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a rubric", "scale", "sections", "source", "assumes")
		if !ok {
			return
		}
		x := Rubric{Key: key.text, Source: t.cites(), Assumes: t.assumes()}
		if n := t.need("scale", "a rubric"); n != nil {
			x.Scale = r.scale(n, t.at("scale"))
		}
		sections := t.need("sections", "a rubric")
		r.named(sections, t.at("sections"), func(key, value *node, path string) {
			if s, ok := r.section(key, value, path); ok {
				x.Sections = append(x.Sections, s)
			}
		})
		if sections != nil && sections.kind == tableNode && len(sections.pairs) == 0 {
			r.fail(sections, t.at("sections"), "", "a rubric needs a section")
		}
		r.p.Rubrics = append(r.p.Rubrics, x)
	})
}

func (r *reader) section(key, value *node, path string) (Section, bool) {
	t, ok := r.open(value, path, "a section", "items", "each")
	if !ok {
		return Section{}, false
	}
	s := Section{Key: key.text, EachTrack: t.oneOf("each", EachTrack) != ""}
	items := t.need("items", "a section")
	if items == nil {
		return Section{}, false
	}
	switch {
	case items.kind == tableNode:
		s.Titles = map[string]string{}
		r.named(items, t.at("items"), func(key, value *node, path string) {
			s.Items = append(s.Items, key.text)
			s.Titles[key.text] = r.text(value, path)
		})
	case items.kind == wordNode && strings.Contains(items.text, ".."):
		s.Items = r.run(items, t.at("items"))
	default:
		s.Items = r.listed(items, t.at("items"), "items")
	}
	if len(s.Items) > ItemsMax {
		r.fail(items, t.at("items"), "divide them into sections", "more than %d items", ItemsMax)
		return Section{}, false
	}
	return s, len(s.Items) > 0
}

// run reads 1..8: items that have numbers for names.
func (r *reader) run(n *node, path string) []string {
	low, high, _ := strings.Cut(n.text, "..")
	from, err1 := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	if err1 != nil || err2 != nil || from < 0 || to < from || to-from >= ItemsMax || strconv.Itoa(from) != low || strconv.Itoa(to) != high {
		r.fail(n, path, "write items: 1..8, or list their names", "%q is no run of numbers, the lowest first and at most %d of them", n.text, ItemsMax)
		return nil
	}
	var out []string
	for i := from; i <= to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

func (r *reader) rubricKeys() []string {
	return keys(r.p.Rubrics, func(x Rubric) string { return x.Key })
}

// rubricsAsked: a rubric that no question rates is a mistake.
func (r *reader) rubricsAsked() {
	for _, x := range r.p.Rubrics {
		if !slices.ContainsFunc(r.p.Questions, func(q Question) bool { return q.Rubric == x.Key }) {
			r.fail(r.keyIn("rubrics", x.Key), "rubrics/"+x.Key, "write rubric: "+x.Key+" in a question", "no question rates the rubric %s", x.Key)
		}
	}
}

// RatedAnswer is the one answer of a question that has a rubric and no answers
// of its own: the ratings say the rest.
const RatedAnswer = "rated"

// asking reads how a question is answered: with its own answers, and with a
// rubric's ratings beside them or instead of them.
func (r *reader) asking(t table, q *Question) {
	if n := t.get("rubric"); n != nil {
		q.Rubric = r.reference(n, t.at("rubric"), "rubric", r.rubricKeys())
	}
	q.Each = t.oneOf("each", EachTrack)
	n := t.get("answers")
	if n == nil && q.Rubric != "" {
		q.Answers = []string{RatedAnswer}
		return
	}
	if n = t.need("answers", "a question"); n == nil {
		return
	}
	if n.kind == wordNode && n.text == "levels" && len(r.p.Awards) > 0 {
		q.Answers = r.p.Awards[0].granted()
		return
	}
	q.Answers = r.scale(n, t.at("answers"))
}

// rated reads the test of a rubric's section.
func (r *reader) rated(t table, n *node) Test {
	key := r.questionAsked(t, n, "rated")
	if key == "" {
		return nil
	}
	question, _ := r.p.Question(key)
	rubric, ok := r.p.Rubric(question.Rubric)
	if !ok {
		if len(r.errs) == 0 || question.Rubric == "" {
			r.fail(n, t.at("rated"), "write rubric: in the question", "the question %s has no rubric", key)
		}
		return nil
	}
	out := Rated{Question: key, SignedBy: r.signers(t, question), Last: r.lastOf(t, question)}
	if out.Section = r.sectionRated(t, n, rubric); out.Section == "" {
		return nil
	}
	section, _ := rubric.Section(out.Section)
	rating := func(key string) string {
		n := t.get(key)
		if n == nil {
			return ""
		}
		w := r.reference(n, t.at(key), "rating of "+rubric.Key, rubric.Scale)
		if w != "" && w == rubric.Scale[0] {
			r.fail(n, t.at(key), "name a higher one", "every rating is at least %s", w)
		}
		return w
	}
	least, counting := t.get("at-least"), t.get("counting")
	switch {
	case (t.get("each-at-least") == nil) == (least == nil):
		r.fail(n, t.path, "write each-at-least: RATING, or at-least: 25 with counting: RATING", "a rating test says how every item, or how many, must be rated")
		return nil
	case least == nil && counting != nil:
		r.fail(counting, t.at("counting"), "it goes with at-least", "%q does not go with each-at-least", "counting")
		return nil
	case least == nil:
		out.EachAtLeast = rating("each-at-least")
		return out
	}
	if t.need("counting", "a number of items") == nil {
		return nil
	}
	out.Counting = rating("counting")
	if out.AtLeast, ok = r.count(least, t.at("at-least"), 1, NumberMax); ok && out.AtLeast > int64(len(section.Items)) && !slices.Contains(section.Items, toBeSupplied) {
		r.fail(least, t.at("at-least"), "", "%d items can never be rated so: the section %s has %d", out.AtLeast, section.Key, len(section.Items))
	}
	return out
}

// sectionRated is the section that a test names, or the only one there is.
func (r *reader) sectionRated(t table, n *node, rubric Rubric) string {
	known := keys(rubric.Sections, func(s Section) string { return s.Key })
	if at := t.get("section"); at != nil {
		return r.reference(at, t.at("section"), "section of "+rubric.Key, known)
	}
	if len(known) != 1 {
		r.fail(n, t.at("rated"), "write section: "+list(known), "the rubric %s has several sections", rubric.Key)
		return ""
	}
	return known[0]
}

// Rubric finds a rubric.
func (p *Programme) Rubric(key string) (Rubric, bool) {
	return find(p.Rubrics, key, func(x Rubric) string { return x.Key })
}

// Section finds a section.
func (x Rubric) Section(key string) (Section, bool) {
	return find(x.Sections, key, func(s Section) string { return s.Key })
}

// Rank is the position of a rating, 0 being the lowest.
func (x Rubric) Rank(rating string) (int, bool) {
	i := slices.Index(x.Scale, rating)
	return i, i >= 0
}

// Stored are the words under which the items of a section are recorded:
// section/item, and in a section that is each track's own section/track/item.
func (s Section) Stored(track string) []string {
	lead := s.Key + "/"
	if s.EachTrack {
		lead += track + "/"
	}
	out := make([]string, len(s.Items))
	for i, item := range s.Items {
		out[i] = lead + item
	}
	return out
}

// Items are the words under which all items of a rubric are recorded, given
// the programme's tracks.
func (x Rubric) Items(tracks []string) []string {
	var out []string
	for _, s := range x.Sections {
		if !s.EachTrack {
			out = append(out, s.Stored("")...)
			continue
		}
		for _, t := range tracks {
			out = append(out, s.Stored(t)...)
		}
	}
	return out
}
