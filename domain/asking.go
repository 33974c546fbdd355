package domain

import (
	"slices"

	"github.com/certledger/certledger/domain/programme"
)

// Asking is an award as it is asked: once, in a track, or in a period.
type Asking struct {
	Award  string `json:"award"`
	Track  string `json:"track,omitempty"`
	Period string `json:"period,omitempty"`
}

// String names the asking for people and for comparisons: the award, and behind
// an @ the track or period.
func (k Asking) String() string {
	if k.Track+k.Period == "" {
		return k.Award
	}
	return k.Award + "@" + k.Track + k.Period
}

// Asking is what the decision answers.
func (d Decision) Asking() Asking { return Asking{d.Award, d.Track, d.Period} }

// Asking is what the result answers.
func (r AwardResult) Asking() Asking { return Asking{r.Award, r.Track, r.Period} }

// Asking is what the result caps.
func (r Result) Asking() Asking { return Asking{r.Award, r.Track, r.Period} }

// memo is what a view has found out, so that it need not look again. A view of
// other facts starts with none.
type memo struct {
	totals  map[string]total      // by measure
	spans   map[string][]span     // by requirement path
	periods map[string][]period   // by kind
	within  map[Asking]*view      // the views of askings
	asked   map[string][]Asking   // by award
	phases  map[string]*phaseHere // by award
	used    map[Asking]*usage     // what other decisions rest on
	ruled   []*view               // by the rules of periods, where those are others
}

func newMemo() *memo {
	return &memo{totals: map[string]total{}, spans: map[string][]span{}}
}

// askings are the ways in which an award is asked today: once, for each track,
// or in each period that has begun. In another status than it is asked in, or
// before its first period, it is not asked.
func (v *view) askings(award string) []Asking {
	a := found(v.p.Award(award))
	if a.Each == "" && len(a.When) == 0 {
		return []Asking{{Award: a.Key}}
	}
	if v.memo.asked == nil {
		v.memo.asked = map[string][]Asking{}
	}
	out, ok := v.memo.asked[a.Key]
	if !ok {
		out = v.findAskings(a)
		v.memo.asked[a.Key] = out
	}
	return out
}

func (v *view) findAskings(a *programme.Award) []Asking {
	if len(a.When) > 0 && !slices.Contains(a.When, v.main().status()) {
		return nil
	}
	switch a.Each {
	case "":
		return []Asking{{Award: a.Key}}
	case programme.EachTrack:
		var out []Asking
		for _, t := range v.p.Tracks {
			out = append(out, Asking{Award: a.Key, Track: t})
		}
		return out
	}
	var out []Asking
	for _, x := range v.base().periodsOf(a.Each) {
		if x.from <= v.today && v.owedIn(&x, a) != nil {
			out = append(out, Asking{Award: a.Key, Period: x.name})
		}
	}
	return out
}

// in is the view in which an award is asked in its track and period.
func (v *view) in(k Asking) *view {
	if k.Track == v.track && k.Period == v.periodName() {
		return v
	}
	b := v.base()
	key := Asking{Track: k.Track}
	if k.Period != "" {
		key = Asking{Award: found(v.main().p.Award(k.Award)).Each, Track: k.Track, Period: k.Period}
		b = v.ruledAt(key.Award, k.Period)
	}
	if key == (Asking{}) {
		return b
	}
	return b.within(key)
}

// within is a view in a track or period, seen from outside of any; the award of
// the key is the kind of the period.
func (v *view) within(key Asking) *view {
	if v.memo.within == nil {
		v.memo.within = map[Asking]*view{}
	}
	if w, ok := v.memo.within[key]; ok {
		return w
	}
	w := *v
	w.memo, w.outer, w.track = newMemo(), v, key.Track
	if key.Period != "" {
		for _, x := range v.periodsOf(key.Award) {
			if x.name == key.Period {
				w.period = &x
			}
		}
	}
	v.memo.within[key] = &w
	return &w
}

// base is the view outside of any track or period.
func (v *view) base() *view {
	if v.outer != nil {
		return v.outer
	}
	return v
}

func (v *view) periodName() string {
	if v.period == nil {
		return ""
	}
	return v.period.name
}
