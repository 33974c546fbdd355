package domain

import (
	"fmt"

	"github.com/certledger/certledger/domain/programme"
)

// ReadProgramme parses rules and proves that they give nothing for free: with
// no facts at all every award earns its lowest level, or one that is never
// granted. A mistake is a programme.Errors, as from programme.Parse.
func ReadProgramme(src []byte) (*programme.Programme, error) {
	p, err := programme.Parse(src)
	if err != nil {
		return nil, err
	}
	if mistakes := freeGifts(p); len(mistakes) > 0 {
		return nil, mistakes
	}
	return p, nil
}

// The days on which the empty history is reviewed: in the first period of
// every kind, and long after, when every window has closed and every time that
// can pass without anybody doing anything has passed.
const (
	proofPeriodFrom  = Date("2000-01-01")
	proofPeriodUntil = Date("2000-12-31")
	proofLongAfter   = Date("2190-01-01")
)

// freeGifts are the awards that somebody without any facts would earn.
func freeGifts(p *programme.Programme) programme.Errors {
	var mistakes programme.Errors
	for i := range p.Awards {
		award := &p.Awards[i]
		if gift := freeGift(p, award); gift != "" {
			mistakes = append(mistakes, programme.Mistake(p.Bytes, "awards/"+award.Key, gift,
				"an upper bound caps nothing until it is exceeded, and what does not apply caps nothing; add a requirement that asks for something, or list the level under never-granted"))
		}
	}
	return mistakes
}

// freeGift is the first level of an award that is given for nothing, in words,
// or empty.
func freeGift(p *programme.Programme, award *programme.Award) string {
	for _, day := range []Date{proofPeriodFrom, proofLongAfter} {
		v := emptyView(p, day)
		for _, k := range v.askings(award.Key) {
			w := v.in(k)
			var results []Result
			for i := range p.Requirements {
				if r := &p.Requirements[i]; r.For == award.Key {
					results = append(results, w.top(r))
				}
			}
			earned := w.award(award, results).Earned
			rank, _ := award.Rank(earned)
			if rank == 0 || !award.Grantable(earned) {
				continue
			}
			where := ""
			if k.Track != "" {
				where = " in the track " + k.Track
			}
			return fmt.Sprintf("with no facts at all this award earns %s%s", earned, where)
		}
	}
	return ""
}

// emptyView is the view of no facts in which every award is asked all the same:
// in each track, in a period, and whatever the status.
func emptyView(p *programme.Programme, day Date) *view {
	v := newView(p, Facts{Programme: p}, day.midnight())
	v.memo.periods, v.memo.asked = map[string][]period{}, map[string][]Asking{}
	name := string(proofPeriodFrom[:4])
	for i := range p.Periods {
		v.memo.periods[p.Periods[i].Key] = []period{{kind: p.Periods[i].Key, name: name, from: proofPeriodFrom, until: proofPeriodUntil}}
	}
	for i := range p.Awards {
		a := &p.Awards[i]
		switch a.Each {
		case "":
			v.memo.asked[a.Key] = []Asking{{Award: a.Key}}
		case programme.EachTrack:
			for _, t := range p.Tracks {
				v.memo.asked[a.Key] = append(v.memo.asked[a.Key], Asking{Award: a.Key, Track: t})
			}
		default:
			v.memo.asked[a.Key] = []Asking{{Award: a.Key, Period: name}}
		}
	}
	return v
}
