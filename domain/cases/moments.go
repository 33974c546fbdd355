package cases

import (
	"slices"

	"github.com/certledger/certledger/domain"
	"github.com/certledger/certledger/domain/programme"
)

// momentOf is a day that the history itself brings about: the expiry first
// granted, some days before or after it, or a moment of the programme.
type momentOf struct {
	expiry bool
	days   int64
	moment programme.Moment
}

// dayOf tells the steps before one to a ledger of their own, and asks on which day
// the moment falls as things then stand.
func (s *story) dayOf(i int) (domain.Date, error) {
	st := &s.c.steps[i]
	before := *s.c
	before.steps = s.c.steps[:i]
	sub := newStory(&before, s.p, s.zone)
	sub.known = slices.Clone(s.known)
	if err := sub.tell(s.on); err != nil {
		return "", err
	}
	x := sub.standing()
	if st.at.expiry {
		for _, d := range x.Decisions {
			if d.Until != "" {
				return d.Until.AddDays(int(st.at.days)), nil
			}
		}
		return "", breaks("step %d, %s (line %d): nothing that expires was granted before it", i+1, st.word, st.line)
	}
	if x.Exists() {
		f := sub.ledger.of(x)
		if day, ok := domain.MomentDay(f.Programme, f, sub.at, st.at.moment); ok {
			return day, nil
		}
	}
	return "", breaks("step %d, %s (line %d): its moment has not come by the step before it", i+1, st.word, st.line)
}
