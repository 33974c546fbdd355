package domain

import (
	"fmt"
	"time"

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
	empty := Assess(p, Facts{Programme: p}, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))
	var mistakes programme.Errors
	for i := range p.Awards {
		award, earned := &p.Awards[i], empty.Awards[i].Earned
		if rank, _ := award.Rank(earned); rank > 0 && award.Grantable(earned) {
			mistakes = append(mistakes, &programme.Error{
				Path:    "awards/" + award.Key,
				Message: fmt.Sprintf("with no facts at all this award earns %s", earned),
				Hint:    "an upper bound caps nothing until it is exceeded; add a requirement that asks for something, or list the level under never-granted",
			})
		}
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	return p, nil
}
