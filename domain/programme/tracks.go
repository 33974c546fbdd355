package programme

import (
	"slices"
	"strings"
)

// tracks reads the specialisations that somebody may choose.
func (r *reader) tracks(n *node) {
	if n == nil {
		return
	}
	t, ok := r.open(n, "tracks", "tracks", "named")
	if !ok {
		return
	}
	named := t.need("named", "tracks")
	if named == nil {
		return
	}
	r.p.Tracks = r.listed(named, t.at("named"), "tracks")
	if len(r.p.Tracks) > TracksMax {
		r.fail(named, t.at("named"), "", "more than %d tracks", TracksMax)
	}
	if i := slices.Index(r.p.Tracks, ThisOne); i >= 0 {
		r.fail(named, t.at("named"), "it stands for the track at hand", "no track can be called %q", ThisOne)
	}
}

// listed reads names: a list, one name, or a parameter that holds them.
func (r *reader) listed(n *node, path, what string) []string {
	if n.kind == wordNode {
		if prm, ok := r.p.Parameter(n.text); ok {
			words := r.wordsParameter(n, path, prm)
			for _, w := range words {
				if !slug.MatchString(w) {
					r.fail(n, path, "", "%q cannot be one of the %s", w, what)
				}
			}
			return words
		}
	}
	return r.slugs(n, path)
}

// eachTrack reports whether an award is asked for each track.
func (r *reader) eachTrack(award string) bool {
	a, ok := r.p.Award(award)
	return award != "" && ok && a.Each == EachTrack
}

// tracksAtHand: what is asked for each track can only be looked at where there
// is a track at hand, and tracks that nothing asks about are a mistake.
func (r *reader) tracksAtHand() {
	used := len(r.p.Tracks) == 0
	for _, a := range r.p.Awards {
		if a.Each == EachTrack {
			used = true
			r.needsTracks("awards", a.Key)
		}
	}
	for _, q := range r.p.Questions {
		if q.Each == EachTrack {
			r.needsTracks("questions", q.Key)
		}
	}
	for _, x := range r.p.Rubrics {
		if slices.ContainsFunc(x.Sections, func(s Section) bool { return s.EachTrack }) {
			r.needsTracks("rubrics", x.Key)
		}
	}
	if !used {
		r.fail(r.keyIn("tracks", "named"), "tracks", "write each: track in an award", "no award is asked for each track")
	}
	for i := range r.p.Requirements {
		top := &r.p.Requirements[i]
		each([]Requirement{*top}, func(q Requirement) bool {
			if what := r.asksTrack(q); what != "" && !r.eachTrack(top.For) {
				r.fail(r.requireAt[q.Path], "requirements/"+q.Path, "write each: track in the award "+top.For, "%s, and %s is not asked for a track", what, top.For)
			}
			return true
		})
	}
}

func (r *reader) needsTracks(section, key string) {
	if len(r.p.Tracks) == 0 {
		r.fail(r.keyIn(section, key), section+"/"+key, "name them: tracks: {named: [a, b]}", "%s is asked for each track, and the programme names none", key)
	}
}

// asksTrack says what of a requirement needs a track at hand, or nothing.
func (r *reader) asksTrack(q Requirement) string {
	if q.When != nil && q.When.Track != "" {
		return "when asks for a track"
	}
	switch t := q.Test.(type) {
	case Judged:
		if x, _ := r.p.Question(t.Question); x.Each == EachTrack {
			return "the question " + x.Key + " is asked for each track"
		}
	case AtEach:
		if t.Judged != nil {
			if x, _ := r.p.Question(t.Judged.Question); x.Each == EachTrack {
				return "the question " + x.Key + " is asked for each track"
			}
		}
	case Rated:
		x, _ := r.p.Question(t.Question)
		rubric, _ := r.p.Rubric(x.Rubric)
		if s, _ := rubric.Section(t.Section); s.EachTrack {
			return "the section " + s.Key + " is rated for each track"
		}
		if x.Each == EachTrack {
			return "the question " + x.Key + " is asked for each track"
		}
	}
	return ""
}

// Stored is the word under which answers to a question are recorded: its key,
// and for a question asked for each track the track after a slash.
func (q Question) Stored(track string) string {
	if q.Each == EachTrack && track != "" {
		return q.Key + "/" + track
	}
	return q.Key
}

// Asked finds the question that a recorded word stands for, and the track it is
// asked for. A question asked for each track is not found by its key alone.
func (p *Programme) Asked(stored string) (q Question, track string, ok bool) {
	key, track, of := strings.Cut(stored, "/")
	if q, ok = p.Question(key); !ok || (q.Each == EachTrack) != of || of && !slices.Contains(p.Tracks, track) {
		return Question{}, "", false
	}
	return q, track, true
}

// AskedWords are the words under which answers may be recorded, in the order of
// the file.
func (p *Programme) AskedWords() []string {
	var out []string
	for _, q := range p.Questions {
		if q.Each != EachTrack {
			out = append(out, q.Key)
			continue
		}
		for _, t := range p.Tracks {
			out = append(out, q.Stored(t))
		}
	}
	return out
}
