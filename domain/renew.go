package domain

import "slices"

// Renew decides on an award that renews another: it is a grant, told as what it
// is. Where no award is named it is the first of the programme that renews. On
// an award that renews nothing it is refused.
type Renew struct{ Grant }

// Decide renews.
func (c Renew) Decide(f Facts) ([]Event, error) {
	if _, err := f.registration(c.Act); err != nil {
		return nil, err
	}
	judged, err := c.judged(f)
	if err != nil {
		return nil, err
	}
	var renewing []string
	for _, a := range judged.Programme.Awards {
		if a.Renews != "" {
			renewing = append(renewing, a.Key)
		}
	}
	_, exists := judged.Programme.Award(c.Award)
	switch {
	case len(renewing) == 0:
		return nil, refuse("other-award", "By the rules of this programme nothing is renewed; a level is granted.")
	case c.Award == "":
		c.Award = renewing[0]
	case exists && !slices.Contains(renewing, c.Award):
		return nil, refuseField("award", "other-award", "This award renews nothing; %s does.", known(renewing))
	}
	return c.Grant.Decide(f)
}
