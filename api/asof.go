package api

import (
	"context"
	"net/http"
	"time"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/projections"
)

// AsOf is the two axes of time: what was known when, about when.
type AsOf struct {
	KnownAt     string `query:"known_at" doc:"What was known then: a position of the ledger, or a time. Left out, everything recorded." example:"412"`
	EffectiveAt string `query:"effective_at" doc:"Where it stood then, by what had happened: a time with its offset. Left out, now." example:"2026-05-03T12:00:00-04:00"`
}

// Difference is what changed between two points, and which entries did it.
type Difference struct {
	From    Point          `json:"from" doc:"The earlier point"`
	To      Point          `json:"to" doc:"The later point"`
	Changes domain.Changes `json:"changes" doc:"What the rules make of the two: status, awards, requirements. Left out is what is the same; a side that did not exist is null."`
	Entries []DifferenceOf `json:"entries" doc:"What was recorded between the two points and concerns the registration"`
	More    bool           `json:"more,omitempty" doc:"There are more entries; ask again from the last one's sequence"`
}

// Point is a point on both axes.
type Point struct {
	Known     uint64    `json:"known" doc:"Last sequence that was known"`
	Effective time.Time `json:"effective" doc:"When it was assessed"`
}

// DifferenceOf is an entry that made a difference.
type DifferenceOf struct {
	Why      string     `json:"why" enum:"own,cohort,attester,other,programme" doc:"Why it concerns the registration: its own, its cohort's, an assigned attester's, another registration's of the person, or the programme's"`
	Sequence uint64     `json:"sequence" doc:"Place in the ledger" example:"412"`
	Entry    *EntryView `json:"entry,omitempty" doc:"The entry, without what is sealed. Left out where the caller's role may not read what it is about: attesters, and a person's other registrations"`
}

var outOfRange = kind{"as-of-out-of-range", http.StatusUnprocessableEntity, "That point is before the first entry or in the future; please choose one in between.", 0}

func (s *server) asOfRoutes() {
	read(s, operation{
		id: "get-difference", path: "/v1/registrations/{registration}/difference", tag: "registrations", summary: "Compare a registration at two points",
		text:  "What changed between two points of what was known and of what had happened, and which entries did it.",
		needs: permission{"read", groupRegistrations},
	}, func(_ context.Context, c *call, v *projections.View, in *struct {
		Reading
		FromKnown     string `query:"from_known_at" required:"true" doc:"The earlier point: a position of the ledger, or a time" example:"412"`
		FromEffective string `query:"from_effective_at" doc:"The earlier point: a time with its offset. Left out, the same as the later." example:"2026-05-03T12:00:00-04:00"`
		ToKnown       string `query:"to_known_at" doc:"The later point: a position, or a time. Left out, everything recorded." example:"430"`
		ToEffective   string `query:"to_effective_at" doc:"The later point: a time with its offset. Left out, now." example:"2026-06-12T12:00:00-04:00"`
	},
	) (found[Difference], error) {
		later := AsOf{in.ToKnown, in.ToEffective}
		earlier := AsOf{in.FromKnown, in.FromEffective}
		if earlier.EffectiveAt == "" {
			earlier.EffectiveAt = later.EffectiveAt
		}
		out, err := s.difference(c, v, earlier, later)
		return found[Difference]{body: out}, err
	})
}

func (s *server) difference(c *call, v *projections.View, earlier, later AsOf) (out Difference, err error) {
	after, at, until, err := s.factsAsOf(c, v, later)
	if err != nil {
		return out, err
	}
	if after.Programme == nil {
		return out, noSuchVersion.problem()
	}
	if out.To = (Point{until, at}); until == 0 {
		p, err := v.Position()
		if err != nil {
			return out, err
		}
		out.To.Known = p.Sequence
	}
	if out.From.Known, err = knownUntil(v, s.cfg.Now(), "query.from_known_at", earlier.KnownAt); err != nil {
		return out, err
	}
	if out.From.Effective = at; earlier.EffectiveAt != "" {
		from, err := effectiveAt(s.cfg.Now(), "query.from_effective_at", earlier.EffectiveAt)
		if err != nil {
			return out, err
		}
		out.From.Effective = projections.InZone(from, after.Programme)
	}
	if out.From.Known > out.To.Known {
		return out, invalid.at("query.from_known_at", "expected a point that is not after the later one")
	}
	if out.From.Effective.After(at) {
		return out, invalid.at("query.from_effective_at", "expected a time that is not after the later point's")
	}
	then := time.Time{} // everything known then, where both points are now
	if earlier.EffectiveAt != "" {
		then = out.From.Effective
	}
	before, err := v.EffectiveFacts(c.param("registration"), out.From.Known, then)
	if err != nil {
		return out, err
	}
	var was domain.Assessment // nothing, before it existed
	if before.Standing.Exists() && before.Programme != nil {
		was = domain.Assess(before.Programme, before, projections.InZone(out.From.Effective, before.Programme))
	}
	out.Changes = domain.CompareAssessments(was, domain.Assess(after.Programme, after, out.To.Effective))
	return out, out.addEntries(c, v)
}

func (d *Difference) addEntries(c *call, v *projections.View) error {
	list, err := v.Difference(c.param("registration"), d.From.Known, d.To.Known)
	if err != nil {
		return err
	}
	d.Entries, d.More = []DifferenceOf{}, list.More
	for _, x := range list.Entries {
		if !c.maySee(x.Why) {
			d.Entries = append(d.Entries, DifferenceOf{Why: x.Why, Sequence: x.Entry.Sequence})
			continue
		}
		stored, ok, err := v.Entry(x.Entry.Sequence)
		if err != nil || !ok {
			return orElse(err, noSuchEntry)
		}
		view, err := viewOf(stored)
		if err != nil {
			return err
		}
		d.Entries = append(d.Entries, DifferenceOf{x.Why, x.Entry.Sequence, &view})
	}
	return nil
}

// maySee reports whether the caller's role reads what entries of a kind are
// about, beside the registration itself.
func (c *call) maySee(why string) bool {
	switch why {
	case projections.ConcernsAttester:
		return permission{"read", groupAttesters}.reach(c.role) == scopeAny
	case projections.ConcernsOther:
		return c.reach == scopeAny
	}
	return true
}

// knownUntil is the last sequence that was known at a point; 0 where none is
// given.
func knownUntil(v *projections.View, now time.Time, where, text string) (uint64, error) {
	if text == "" {
		return 0, nil // everything
	}
	at, err := v.Position()
	if err != nil {
		return 0, err
	}
	n, ok := parseNumber(text)
	if !ok {
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return 0, invalid.at(where, "expected a position, or a time with its offset like 2026-05-03T12:00:00-04:00")
		}
		if t.After(now) {
			return 0, outOfRange.at(where, "this time has not come yet")
		}
		if n, err = v.SequenceAt(t); err != nil {
			return 0, err
		}
	}
	switch {
	case n == 0:
		return 0, outOfRange.at(where, "nothing was recorded yet at that point; please ask for a later one")
	case n > at.Sequence:
		return 0, outOfRange.at(where, "the ledger has not come this far; please ask for an earlier point")
	}
	return n, nil
}

// effectiveAt is a time to assess at, which has come.
func effectiveAt(now time.Time, where, text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return at, invalid.at(where, "expected a time with its offset, like 2026-05-03T12:00:00-04:00")
	case at.After(now):
		return at, outOfRange.at(where, "this time has not come yet")
	case at.Year() < effectiveYearMin:
		return at, outOfRange.at(where, "nothing here is about so early a time")
	}
	return at, nil
}

// effectiveYearMin is the earliest year that anything recorded may have happened in.
const effectiveYearMin = 1900

// asOf reads both axes. Without either it is the present: given is false. A zero
// time means that all that was known counts. The time is in no programme's zone
// yet: see projections.InZone.
func (s *server) asOf(v *projections.View, as AsOf) (until uint64, at time.Time, given bool, err error) {
	if as.KnownAt == "" && as.EffectiveAt == "" {
		return 0, at, false, nil
	}
	if until, err = knownUntil(v, s.cfg.Now(), "query.known_at", as.KnownAt); err != nil {
		return 0, at, true, err
	}
	if until == 0 {
		p, err := v.Position()
		if err != nil {
			return 0, at, true, err
		}
		until = p.Sequence
	}
	if as.EffectiveAt != "" {
		at, err = effectiveAt(s.cfg.Now(), "query.effective_at", as.EffectiveAt)
	}
	return until, at, true, err
}
