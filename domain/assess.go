package domain

import (
	"time"

	"github.com/certledger/certledger/domain/programme"
)

// Assess says what the rules make of the facts at a time. It is pure: the same
// programme, facts and time give the same assessment for ever.
func Assess(p *programme.Programme, f Facts, at time.Time) Assessment {
	return Assessment{At: at}
}
