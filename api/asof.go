package api

import (
	"context"
	"errors"
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
	after, point, at, err := s.factsAsOf(c, v, later)
	if err != nil {
		return out, err
	}
	if after.Programme == nil {
		return out, noSuchVersion.problem()
	}
	if out.To = (Point{point.Known, at}); point.Known == 0 {
		p, err := v.Position()
		if err != nil {
			return out, err
		}
		out.To.Known = p.Sequence
	}
	from, err := v.PointOf(earlier.KnownAt, earlier.EffectiveAt, s.cfg.Now())
	if err != nil {
		return out, notAPoint(err, "query.from_known_at", "query.from_effective_at")
	}
	if out.From = (Point{from.Known, at}); earlier.EffectiveAt != "" {
		out.From.Effective = projections.InZone(from.Effective, after.Programme)
		from.Effective = out.From.Effective
	}
	if out.From.Known > out.To.Known {
		return out, invalid.at("query.from_known_at", "expected a point that is not after the later one")
	}
	if out.From.Effective.After(at) {
		return out, invalid.at("query.from_effective_at", "expected a time that is not after the later point's")
	}
	before, err := v.FactsOf(c.param("registration"), from)
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

// notAPoint tells a caller which of two fields holds no point that can be asked
// for.
func notAPoint(err error, known, effective string) error {
	var p *projections.PointError
	if !errors.As(err, &p) {
		return err
	}
	where, kind := known, outOfRange
	if p.Effective {
		where = effective
	}
	if p.Malformed {
		kind = invalid
	}
	return kind.at(where, p.What)
}

// asOf reads both axes of a query. The time is in no programme's zone yet: see
// projections.InZone.
func (s *server) asOf(v *projections.View, as AsOf) (projections.Point, error) {
	p, err := v.PointOf(as.KnownAt, as.EffectiveAt, s.cfg.Now())
	return p, notAPoint(err, "query.known_at", "query.effective_at")
}
