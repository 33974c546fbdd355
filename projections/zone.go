package projections

import (
	"sync"
	"time"
	_ "time/tzdata" // the programmes' zones are in the binary

	"github.com/certledger/certledger/domain/programme"
)

// programmeZones are those loaded so far, by name: as many as programmes name.
var programmeZones sync.Map

// InZone is an instant in the time zone of a programme, so that its day is the
// programme's however the instant was written. It is unchanged where there is no
// programme, or no such zone.
func InZone(at time.Time, p *programme.Programme) time.Time {
	if p == nil || p.TimeZone == "" {
		return at
	}
	if zone, ok := programmeZones.Load(p.TimeZone); ok {
		return at.In(zone.(*time.Location))
	}
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return at
	}
	programmeZones.Store(p.TimeZone, zone)
	return at.In(zone)
}
